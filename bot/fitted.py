"""What is remembered of a whole training, so that a small change of the examples is learnt in seconds.

A draft of the staff changes a few examples of thirty thousand. Their solution differs little from
the last whole one, which is corrected where it does (`refine` in bot/kernel.py). The frequencies of
words, the table of lemmas, the centre and the temperature stay those of the whole training.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from bot.encoder import ENCODER_ID
from bot.features import WIDTH, Lemmas, LexicalIndex

Array = npt.NDArray[np.float32]

#: The file from which trainings in this context start, or None for whole trainings.
START: ContextVar[Path | None] = ContextVar("START", default=None)

#: With more changes than this share of the examples a whole training is due.
MOST_CHANGES = 0.05


@dataclass(frozen=True)
class Fitted:
    """A whole training: n examples by their keys, k targets by their labels and the two gates."""

    keys: list[str]
    labels: list[str]
    sentences: Array
    lexical: Any
    dual: Array
    importance: Array
    centre: Array
    index: LexicalIndex
    temperature: float
    settings: str

    def save(self, path: Path) -> None:
        """Write it as plain arrays."""
        part = path.with_suffix(".part.npz")
        np.savez(
            part,
            encoder=ENCODER_ID,
            keys=self.keys,
            labels=self.labels,
            sentences=self.sentences.astype(np.float16),
            words=self.lexical.data.astype(np.float16),
            slots=self.lexical.indices.astype(np.int16),
            ends=self.lexical.indptr,
            dual=self.dual,
            importance=self.importance,
            centre=self.centre,
            idf=self.index.weights,
            lemmas=json.dumps(self.index.lemmas.table),
            temperature=self.temperature,
            settings=self.settings,
        )
        part.replace(path)

    @classmethod
    def load(cls, path: Path, settings: str) -> Fitted | None:
        """Read what `save` wrote; None when there is nothing, or it was made with other settings."""
        from scipy.sparse import csr_matrix

        try:
            with np.load(path, allow_pickle=False) as file:
                if str(file["encoder"]) != ENCODER_ID or str(file["settings"]) != settings:
                    return None
                return cls(
                    keys=file["keys"].tolist(),
                    labels=file["labels"].tolist(),
                    sentences=file["sentences"].astype(np.float32),
                    lexical=csr_matrix(
                        (file["words"].astype(np.float32), file["slots"].astype(np.int32), file["ends"]),
                        shape=(len(file["ends"]) - 1, WIDTH),
                    ),
                    dual=file["dual"],
                    importance=file["importance"],
                    centre=file["centre"],
                    index=LexicalIndex(Lemmas(json.loads(str(file["lemmas"]))), file["idf"]),
                    temperature=float(file["temperature"]),
                    settings=settings,
                )
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None

    def near(self, keys: list[str], labels: list[str]) -> bool:
        """Whether these examples differ little enough from the remembered ones."""
        known = set(self.keys)
        changed = len(known.symmetric_difference(keys))
        return changed <= MOST_CHANGES * len(known) and set(self.labels) <= set(labels)

    def lexical_of(self, keys: Sequence[str], texts: Sequence[str]) -> Any:
        """Return the sparse lexical vectors of examples; only those of new ones are made."""
        from scipy.sparse import vstack

        place = {key: row for row, key in enumerate(self.keys)}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in place}
        if not new:
            return self.lexical[[place[key] for key in keys]]
        place |= {key: len(self.keys) + row for row, key in enumerate(new)}
        made = self.index.sparse(list(new.values()))
        return vstack([self.lexical, made], format="csr")[[place[key] for key in keys]]


def keys_of(examples: Iterable[Sequence[str]]) -> list[str]:
    """Return a short name of each example; of equal ones each has its own."""
    seen: Counter[str] = Counter()
    keys = []
    for parts in examples:
        text = "\0".join(parts)
        seen[text] += 1
        numbered = f"{text}\0{seen[text]}".encode("utf-8", "replace")
        keys.append(hashlib.blake2b(numbered, digest_size=12).hexdigest())
    return keys


def digest_of(settings: Any) -> str:
    """Return what changes when the settings that the training reads do."""
    return hashlib.blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=12).hexdigest()
