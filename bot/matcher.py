"""Question to ranked intents: one linear model over sentence vectors and lexical evidence.

The model is a ridge classifier fitted in closed form: seconds to train, no random seed, and its
exact leave-one-out scores calibrate the probabilities (Rifkin & Lippert, "Notes on Regularized
Least Squares", MIT-CSAIL-TR-2007-025).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.content import FAQ, LANGUAGES, URGENT, Catalogue
from bot.encoder import ENCODER_ID, encode
from bot.errors import ArchiveError
from bot.features import Lemmas, LexicalIndex, Normalizer, fold, tokens_of
from bot.understanding import Candidate

Array = npt.NDArray[np.float32]

_ARRAYS = "matcher.npz"
_DATA = "matcher.json"

#: Strength of the ridge penalty, chosen on evaluation/dev.jsonl.
PENALTY = 0.5

#: How many candidates are reported.
CANDIDATES = 5


@dataclass(frozen=True)
class LabelledExample:
    """A question with its full intent (`faq/<id>`, `urgent/<situation>` or a dialogue intent)."""

    text: str
    intent: str
    language: str


@dataclass(frozen=True)
class Match:
    """How well each intent fits. `probabilities` is over `intents`, summing to 1."""

    intents: tuple[str, ...]
    probabilities: Array
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate:
        """The intent that fits best, entry or not."""
        index = int(np.argmax(self.probabilities))
        return Candidate(self.intents[index], float(self.probabilities[index]))

    @property
    def urgent(self) -> float:
        """The probability that something is happening now."""
        return self.share(f"{URGENT}/")

    @property
    def sure(self) -> bool:
        """Whether one entry stands out."""
        return bool(self.candidates) and self.candidates[0].confidence >= 0.5

    def share(self, prefix: str) -> float:
        """The probability of all intents that begin with `prefix`."""
        mask = [intent.startswith(prefix) for intent in self.intents]
        return float(self.probabilities[mask].sum())


class Matcher:
    """Ranks intents for a text. Make one with `train` or `load`."""

    def __init__(
        self,
        intents: Sequence[str],
        weights: Array,
        temperature: float,
        index: LexicalIndex,
        data: Mapping[str, Any],
    ) -> None:
        self.intents = tuple(intents)
        self._weights = weights
        self._temperature = temperature
        self._index = index
        self._data = dict(data)
        self._normalize = Normalizer(data["texting"])
        self._follow_up = data["follow_up"]
        self._openers = tuple(self._follow_up["openers"])
        self._near = {
            entry: np.array([self._nearness(entry, intent) for intent in self.intents], np.float32)
            for entry in data["entries"]
        }

    @classmethod
    def train(
        cls, examples: Sequence[LabelledExample], catalogue: Catalogue, settings: Mapping[str, Any]
    ) -> Matcher:
        """Fit the model to the examples.

        `settings` are those of data/matching.yml; the catalogue tells topics, relations and titles.
        """
        normalize = Normalizer(settings["texting"])
        texts = [normalize(example.text) for example in examples]
        intents = sorted({example.intent for example in examples})
        labels = np.array([intents.index(example.intent) for example in examples])
        index = LexicalIndex.learn(texts, Lemmas.learn(texts))
        weights, left_out = fit_ridge(_features(texts, index), labels, len(intents), PENALTY)
        data = {
            "texting": settings["texting"],
            "follow_up": settings["follow_up"],
            "entries": {
                entry.intent: {
                    "topic": entry.topic,
                    "related": [f"{FAQ}/{id_}" for id_ in entry.related],
                    "titles": [entry.title[language] for language in LANGUAGES],
                }
                for entry in catalogue.entries.values()
            },
        }
        return cls(intents, weights, fit_temperature(left_out, labels), index, data)

    def save(self, folder: Path) -> None:
        """Write the model as plain arrays and JSON: loading an archive runs no code."""
        np.savez(
            folder / _ARRAYS, weights=self._weights.astype(np.float16), idf=self._index.weights
        )
        data = {
            **self._data,
            "encoder": ENCODER_ID,
            "intents": self.intents,
            "temperature": self._temperature,
            "lemmas": self._index.lemmas.table,
        }
        (folder / _DATA).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Matcher:
        """Read what `save` wrote. Raises ArchiveError when it was made with another encoder."""
        data = json.loads((folder / _DATA).read_text(encoding="utf-8"))
        if data["encoder"] != ENCODER_ID:
            raise ArchiveError(
                f"The archive was trained with {data['encoder']}, this is {ENCODER_ID}: "
                "train it again with `conoce train`."
            )
        with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
            weights, idf = arrays["weights"].astype(np.float32), arrays["idf"]
        index = LexicalIndex(Lemmas(data["lemmas"]), idf)
        return cls(data["intents"], weights, data["temperature"], index, data)

    def match(self, text: str, entry: str = "") -> Match:
        """Rank the intents for a text; `entry` is what the conversation is about, or ""."""
        normal = self._normalize(text)
        about = self._data["entries"].get(entry)
        if about is None:
            probabilities = self._probabilities([normal])[0]
        else:
            both = [f"{title.lower()} {normal}" for title in about["titles"]]
            alone, *joined = self._probabilities([normal, *both])
            context = np.mean(joined, axis=0) * self._near[entry]
            context /= context.sum()
            weight = self._ellipsis(text, float(alone.max()))
            probabilities = (1 - weight) * alone + weight * context
        return self._match(probabilities.astype(np.float32))

    def _match(self, probabilities: Array) -> Match:
        order = np.argsort(-probabilities)
        entries = [i for i in order if "/" in self.intents[i]][:CANDIDATES]
        return Match(
            self.intents,
            probabilities,
            tuple(Candidate(self.intents[i], float(probabilities[i])) for i in entries),
        )

    def _probabilities(self, texts: Sequence[str]) -> Array:
        scores = _features(texts, self._index) @ self._weights * self._temperature
        scores -= scores.max(axis=1, keepdims=True)
        exponents = np.exp(scores)
        return exponents / exponents.sum(axis=1, keepdims=True)

    def _ellipsis(self, text: str, sure: float) -> float:
        """Return how far the text leans on what was said before, from 0 to 1.

        A text that is clear alone never does: context must not override a new question.
        """
        settings = self._follow_up
        words = tokens_of(text)
        opens = fold(text).lstrip(" ¿¡").startswith(self._openers)
        lean = settings["opened"] if opens else 0.0
        if len(words) <= settings["short_words"]:
            lean = max(lean, settings["short"])
        return float(lean * max(0.0, 1 - sure / settings["clear"]))

    def _nearness(self, entry: str, intent: str) -> float:
        """Return how likely a follow-up on `entry` is about `intent`, as a weight."""
        settings, entries = self._follow_up, self._data["entries"]
        if intent not in entries:
            return float(settings["other"])
        if intent == entry:
            return float(settings["same"])
        if intent in entries[entry]["related"] or entry in entries[intent]["related"]:
            return float(settings["related"])
        return float(settings["topic"] if entries[intent]["topic"] == entries[entry]["topic"] else 1.0)


def _features(texts: Sequence[str], index: LexicalIndex) -> Array:
    """Return sentence vectors, lexical vectors and a constant, side by side."""
    constant = np.ones((len(texts), 1), dtype=np.float32)
    return np.hstack([encode(texts), index.vectors(texts), constant])


def fit_ridge(features: Array, labels: Array, classes: int, penalty: float) -> tuple[Array, Array]:
    """Fit one-against-the-rest ridge regression.

    features (n, d), labels (n,) -> weights (d, classes) and leave-one-out scores (n, classes).
    Solved in whichever of n and d is smaller.
    """
    targets = np.eye(classes, dtype=np.float32)[labels]
    n, d = features.shape
    if n <= d:
        inverse = np.linalg.inv(features @ features.T + penalty * np.eye(n, dtype=np.float32))
        dual = inverse @ targets
        left_out = targets - dual / np.diag(inverse)[:, None]
        return (features.T @ dual).astype(np.float32), left_out
    inverse = np.linalg.inv(features.T @ features + penalty * np.eye(d, dtype=np.float32))
    weights = inverse @ (features.T @ targets)
    leverage = np.einsum("ij,ij->i", features @ inverse, features)
    fitted = features @ weights
    left_out = targets - (targets - fitted) / (1 - leverage)[:, None]
    return weights.astype(np.float32), left_out


def fit_temperature(scores: Array, labels: Array) -> float:
    """Return the factor on scores whose softmax is most likely to give the labels.

    A grid is exact enough: the likelihood is flat around its best point.
    """
    best, least = 1.0, np.inf
    for factor in np.arange(2.0, 20.5, 0.5):
        scaled = scores * factor
        top = scaled.max(axis=1, keepdims=True)
        normalizer = np.log(np.exp(scaled - top).sum(axis=1)) + top[:, 0]
        loss = float((normalizer - scaled[np.arange(len(labels)), labels]).mean())
        if loss < least:
            best, least = float(factor), loss
    return best
