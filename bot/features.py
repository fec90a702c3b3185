"""Lexical evidence: lemmas and character n-grams, tolerant of accents and typos."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

#: Width of the hashed lexical vector: wide enough for the words of this field, narrow enough for
#: a closed-form fit.
WIDTH = 4096

_LABEL = re.compile(r"\[[A-Za-z-]+\]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_MARKS = re.compile(r"[\W_]+")
_TOKEN = re.compile(r"\w+(?:['’-]\w+)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_GRAMS = (3, 4, 5)


def fold(text: str) -> str:
    """Return the text without accents and in lower case; ñ is kept (año is not ano)."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("ñ", "\x00"))
    kept = (c for c in decomposed if not unicodedata.combining(c))
    return "".join(kept).replace("\x00", "ñ")


def exact_form(text: str) -> str:
    """Return the form in which a button's text and a typed text are compared."""
    return _MARKS.sub(" ", fold(text)).strip()


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text that has several, those of one or two words left out.

    Not more than six: each is read for itself, and somebody waits.
    """
    found = [part.strip() for part in _SENTENCE.split(text) if len(part.split()) > 2]
    return found[:6] if len(found) > 1 else []


def tokens_of(text: str) -> list[str]:
    """Return the folded words and numbers of a text, in order."""
    return [token.replace("’", "'") for token in _TOKEN.findall(fold(text))]


class Normalizer:
    """Writes out the spelling of texting and takes the labels of removed data away.

    `texting` maps a whole folded token to what it stands for (data/matching.yml).
    """

    def __init__(self, texting: Mapping[str, str]) -> None:
        self._texting = dict(texting)

    def __call__(self, text: str) -> str:
        """Return the text as the encoder should read it."""
        text = _REPEATED.sub(r"\1", _LABEL.sub(" ", text).lower())
        return _TOKEN.sub(lambda match: self._texting.get(fold(match[0]), match[0]), text)


class Lemmas:
    """Lookup lemmas of the words that matter, from spaCy's tables (see `learn`)."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = dict(table)

    def __call__(self, text: str) -> list[str]:
        """Return the folded lemmas of a text."""
        return [self.table.get(token, token) for token in tokens_of(text)]

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Lemmas:
        """Keep the part of the tables that leads to a lemma of the training texts.

        The whole Spanish table has half a million words and takes seconds to load; a word whose
        lemma no example has cannot speak for any answer.
        """
        tables = _lookups()
        known = {token for text in texts for token in tokens_of(text)}
        lemma_of: dict[str, str] = {}
        for table in tables:
            folded = {fold(word): fold(lemma) for word, lemma in table.items()}
            wanted = {folded.get(word, word) for word in known}
            for word, lemma in folded.items():
                if lemma in wanted and word != lemma:
                    lemma_of.setdefault(word, lemma)
        return cls(lemma_of)


def _lookups() -> list[Mapping[str, str]]:
    """Return the lemma tables of spaCy's data package, for English and Spanish."""
    folder = resources.files("spacy_lookups_data") / "data"
    tables = []
    for language in ("en", "es"):
        packed = (folder / f"{language}_lemma_lookup.json.gz").read_bytes()
        tables.append(json.loads(gzip.decompress(packed)))
    return tables


@lru_cache(maxsize=100_000)
def _slot(term: str) -> tuple[int, float]:
    code = zlib.crc32(term.encode("utf-8", "surrogatepass"))
    return code % WIDTH, 1.0 if code & 0x8000_0000 else -1.0


def terms_of(text: str, lemmas: Lemmas) -> list[str]:
    """Return the lexical terms of a text: lemmas, pairs of lemmas, character n-grams."""
    words = lemmas(text)
    terms = [f"w {word}" for word in words]
    terms += [f"p {first} {second}" for first, second in pairwise(words)]
    for token in tokens_of(text):
        padded = f" {token} "
        for size in _GRAMS:
            terms += [padded[i : i + size] for i in range(len(padded) - size + 1)]
    return terms


class LexicalIndex:
    """Hashed, weighted term vectors. `weights` is the inverse document frequency of each slot."""

    def __init__(self, lemmas: Lemmas, weights: Vectors) -> None:
        self.lemmas = lemmas
        self.weights = weights

    @classmethod
    def learn(cls, texts: Sequence[str], lemmas: Lemmas) -> LexicalIndex:
        """Learn how common each slot is."""
        seen = np.zeros(WIDTH, dtype=np.float32)
        for text in texts:
            slots = {_slot(term)[0] for term in terms_of(text, lemmas)}
            seen[list(slots)] += 1
        weights = np.log((1 + len(texts)) / (1 + seen)) + 1
        return cls(lemmas, weights.astype(np.float32))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), WIDTH)."""
        out = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            slots, values = self._row(text)
            row[slots] = values
        return out

    def sparse(self, texts: Sequence[str]) -> Any:
        """Return what `vectors` does of one text or more, as a scipy.sparse.csr_matrix."""
        from scipy.sparse import csr_matrix

        rows = [self._row(text) for text in texts]
        ends = np.cumsum([0, *(len(slots) for slots, _ in rows)])
        slots = np.concatenate([slots for slots, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return csr_matrix((values, slots, ends), shape=(len(rows), WIDTH), dtype=np.float32)

    def _row(self, text: str) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Return the slots that a text fills and their values, of length 1 together."""
        counts: dict[int, float] = {}
        for term in terms_of(text, self.lemmas):
            slot, sign = _slot(term)
            counts[slot] = counts.get(slot, 0.0) + sign
        slots = np.fromiter(counts, dtype=np.int64, count=len(counts))
        values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = np.sign(values) * np.log1p(np.abs(values)) * self.weights[slots]
        return slots, values / max(float(np.linalg.norm(values)), 1e-9)
