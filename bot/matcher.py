"""Question to ranked intents: kernel ridge regression over vectors and lexical evidence.

One model (bot/kernel.py) ranks the intents; two more of its outputs are gates that tell what is
happening now and what no entry answers from everything else, because there the mistakes cost most.
Its exact leave-one-out scores calibrate the probabilities.
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
from bot.encoder import ENCODER_ID, Encode, encode
from bot.errors import ArchiveError
from bot.features import Lemmas, LexicalIndex, Normalizer, tokens_of
from bot.fitted import START, Fitted, digest_of, keys_of
from bot.kernel import PENALTY, KernelRidge, centred, fit, kernel_of, model_of, refine
from bot.understanding import NEAR_SCOPE, OUT_OF_SCOPE, Candidate

Array = npt.NDArray[np.float32]

_ARRAYS = "matcher.npz"
_DATA = "matcher.json"

#: What `save` writes.
FILES = (_ARRAYS, _DATA)

#: An example counts as (examples of its intent) ** -BALANCE: without it intents with many examples
#: swallow those with few.
BALANCE = 0.5

#: The intents of questions that no entry answers.
OUTSIDE = (NEAR_SCOPE, OUT_OF_SCOPE)

#: Between an intent and a kind in a label.
_KIND = "#"

_TINY = 1e-9

#: How many candidates are reported.
CANDIDATES = 5


@dataclass(frozen=True)
class LabelledExample:
    """A question with its full intent (`faq/<id>`, `urgent/<situation>` or a dialogue intent).

    `kind` parts an intent whose examples have little in common (near_scope), or is "". `after` is
    the entry that was answered before, for a question that makes sense only then, or "".
    """

    text: str
    intent: str
    language: str
    kind: str = ""
    after: str = ""

    @property
    def label(self) -> str:
        """What the model learns to tell apart."""
        return f"{self.intent}{_KIND}{self.kind}" if self.kind else self.intent


@dataclass(frozen=True)
class Match:
    """How well each intent fits.

    `probabilities` is over `intents`, summing to 1; `urgent` and `outside` are the scores, about
    0 to 1, of something happening now and of a question that no entry answers. `kind` is what kind
    of neighbouring question it would be, were it one.
    """

    intents: tuple[str, ...]
    probabilities: Array
    candidates: tuple[Candidate, ...]
    urgent: float
    outside: float
    kind: str = ""

    @property
    def best(self) -> Candidate:
        """The intent that fits best, entry or not."""
        index = int(np.argmax(self.probabilities))
        return Candidate(self.intents[index], float(self.probabilities[index]))

    @property
    def sure(self) -> bool:
        """Whether one entry stands out."""
        return bool(self.candidates) and self.candidates[0].confidence >= 0.5

    def probability(self, intent: str) -> float:
        """The probability of one of the intents."""
        return float(self.probabilities[self.intents.index(intent)])

    @property
    def emergency(self) -> float:
        """The probability of all urgent situations together."""
        pairs = zip(self.probabilities, self.intents, strict=True)
        return float(sum(share for share, intent in pairs if intent.startswith(f"{URGENT}/")))

    @property
    def situation(self) -> str:
        """The urgent situation that fits best, or "" when none was trained."""
        pairs = zip(self.probabilities, self.intents, strict=True)
        return max((pair for pair in pairs if pair[1].startswith(f"{URGENT}/")), default=(0, ""))[1]


class Matcher:
    """Ranks intents for a text. Make one with `train` or `load`."""

    def __init__(
        self,
        labels: Sequence[str],
        ridge: KernelRidge,
        temperature: float,
        index: LexicalIndex,
        data: Mapping[str, Any],
        encode: Encode = encode,
    ) -> None:
        self._encode = encode
        self._ahead: dict[str, Array] = {}
        self.labels = tuple(labels)
        owners = [label.partition(_KIND)[0] for label in labels]
        self.intents = tuple(dict.fromkeys(owners))
        self._owner = np.array([self.intents.index(owner) for owner in owners])
        self._ridge = ridge
        self._temperature = temperature
        self._index = index
        self._data = dict(data)
        self._normalize = Normalizer(data["texting"])
        self._follow_up = data["follow_up"]
        self._near = {
            entry: np.array([self._nearness(entry, intent) for intent in self.intents], np.float32)
            for entry in data["entries"]
        }

    @classmethod
    def train(
        cls,
        examples: Sequence[LabelledExample],
        catalogue: Catalogue,
        settings: Mapping[str, Any],
        encode: Encode = encode,
        remember: Path | None = None,
    ) -> Matcher:
        """Fit the model to the examples.

        `settings` are those of data/matching.yml; the catalogue tells topics, relations and titles.
        What is fitted is remembered in the file `remember` for `START` (bot/fitted.py).
        """
        normalize = Normalizer(settings["texting"])
        texts = [_in_view(normalize(example.text), example, catalogue) for example in examples]
        known = sorted({example.label for example in examples})
        places = {label: place for place, label in enumerate(known)}
        labels = np.array([places[example.label] for example in examples])
        counts = np.bincount(labels)[labels].astype(np.float32)
        importance = (counts / counts.mean()) ** -BALANCE
        gates = [(e.intent.startswith(f"{URGENT}/"), e.intent in OUTSIDE) for e in examples]
        targets = np.hstack([np.eye(len(known))[labels], gates]).astype(np.float32)
        keys = keys_of((example.label, text) for example, text in zip(examples, texts, strict=True))
        start = START.get()
        before = Fitted.load(start, digest_of(settings)) if start else None
        if before is not None and before.near(keys, known):
            index, temperature = before.index, before.temperature
            lexical = before.lexical_of(keys, texts)
            ridge = _refined(before, keys, known, encode(texts), lexical, targets, importance)
        else:
            index = LexicalIndex.learn(texts, Lemmas.learn(texts))
            lexical = index.sparse(texts)
            ridge, left_out, sample = fit(encode(texts), lexical, targets, importance)
            temperature = fit_temperature(left_out[:, : len(known)], labels[sample])
            temperature *= settings["decision"]["surer"]
        if remember:
            Fitted(
                keys=keys,
                labels=known,
                sentences=ridge.sentences,
                lexical=lexical,
                dual=ridge.dual,
                importance=importance,
                centre=ridge.centre,
                index=index,
                temperature=temperature,
                settings=digest_of(settings),
            ).save(remember)
        data = {
            "texting": settings["texting"],
            "follow_up": settings["follow_up"],
            "person": settings["person"],
            "entries": {
                entry.intent: {
                    "topic": entry.topic,
                    "related": [f"{FAQ}/{id_}" for id_ in entry.related],
                    "audience": list(entry.audience),
                    "states": list(entry.states),
                    "titles": [entry.title[language] for language in LANGUAGES],
                }
                for entry in catalogue.entries.values()
            },
        }
        return cls(known, ridge, temperature, index, data, encode)

    def save(self, folder: Path) -> None:
        """Write the model as plain arrays and JSON: loading an archive runs no code."""
        np.savez(
            folder / _ARRAYS,
            # Half precision moves a probability by less than a thousandth.
            centre=self._ridge.centre,
            sentences=self._ridge.sentences.astype(np.float16),
            dual=self._ridge.dual.astype(np.float16),
            lexical=self._ridge.lexical.astype(np.float16),
            constant=self._ridge.constant,
            idf=self._index.weights,
        )
        data = {
            **self._data,
            "encoder": ENCODER_ID,
            "labels": self.labels,
            "temperature": self._temperature,
            "lemmas": self._index.lemmas.table,
        }
        (folder / _DATA).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encode: Encode = encode) -> Matcher:
        """Read what `save` wrote. Raises ArchiveError when it was made with another encoder."""
        data = json.loads((folder / _DATA).read_text(encoding="utf-8"))
        if data["encoder"] != ENCODER_ID:
            raise ArchiveError(
                f"The archive was trained with {data['encoder']}, this is {ENCODER_ID}: "
                "train it again with `conoce train`."
            )
        with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
            names = ("centre", "sentences", "dual", "lexical", "constant")
            ridge = KernelRidge(*(arrays[name].astype(np.float32) for name in names))
            index = LexicalIndex(Lemmas(data["lemmas"]), arrays["idf"])
        return cls(data["labels"], ridge, data["temperature"], index, data, encode)

    def match(self, text: str, entry: str = "", audience: str = "", state: str = "") -> Match:
        """Rank the intents for a text.

        `entry` is what the conversation is about, `audience` and `state` who the person said they
        are and where they live; each may be "".
        """
        normal = self._normalize(text)
        scores = self._scores([normal])
        urgent, outside = (float(score) for score in scores[0, -2:])
        shares = self._probabilities(scores)
        kind = self._kind(shares[0])
        probabilities = self._by_intent(shares)[0]
        lean = self._lean(text, float(probabilities.max()))
        if lean and (about := self._data["entries"].get(entry)):
            joined = self._in_view(normal, about["titles"])
            share = lean * self._follow_up["joined"]
            weights = (
                (1 - share) * np.log(probabilities + _TINY)
                + share * np.log(joined + _TINY)
                + lean * self._near[entry]
            )
            # What is elliptical looks foreign alone; in view of the conversation it is not.
            outside *= 1 - lean * self._follow_up["inside"]
            probabilities = np.exp(weights - weights.max())
            probabilities /= probabilities.sum()
        if audience or state:
            probabilities = probabilities * self._for_person(audience, state)
            probabilities /= probabilities.sum()
        return self._match(probabilities.astype(np.float32), urgent, outside, kind)

    def match_each(self, texts: Sequence[str]) -> list[Match]:
        """Rank the intents for texts that stand alone, in one pass: hardly slower than one of them."""
        scores = self._scores([self._normalize(text) for text in texts])
        shares = self._probabilities(scores)
        each = zip(self._by_intent(shares), scores[:, -2:].tolist(), shares, strict=True)
        return [
            self._match(probabilities, urgent, outside, self._kind(own))
            for probabilities, (urgent, outside), own in each
        ]

    def explain(self, text: str) -> tuple[str, dict[str, dict[str, float]]]:
        """Return a text as it is read, and for each of the best labels what each signal adds."""
        normal = self._normalize(text)
        shares = self._ridge.shares(self._encode([normal]), self._index.vectors([normal]))
        total = np.sum([part[0] for part in shares.values()], axis=0)
        names = [*self.labels, "(happening now)", "(outside)"]
        best = [*np.argsort(-total[: len(self.labels)])[:CANDIDATES], len(names) - 2, len(names) - 1]
        return normal, {names[i]: {key: float(part[0, i]) for key, part in shares.items()} for i in best}

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Score many texts at once and remember it: ten times faster than one by one."""
        normal = [self._normalize(text) for text in texts]
        self._ahead = dict(zip(normal, self._scores(normal), strict=True)) if normal else {}

    def _in_view(self, text: str, titles: Sequence[str]) -> Array:
        """Return the probabilities of a text read as one with the question that was answered before."""
        scores = self._scores([_joined(title, text) for title in titles])
        return np.asarray(self._by_intent(self._probabilities(scores)).mean(axis=0))

    def _match(self, probabilities: Array, urgent: float, outside: float, kind: str) -> Match:
        order = np.argsort(-probabilities)
        entries = [i for i in order if "/" in self.intents[i]][:CANDIDATES]
        return Match(
            self.intents,
            probabilities,
            tuple(Candidate(self.intents[i], float(probabilities[i])) for i in entries),
            urgent,
            outside,
            kind,
        )

    def _scores(self, texts: Sequence[str]) -> Array:
        if all(text in self._ahead for text in texts):
            return np.array([self._ahead[text] for text in texts])
        return self._ridge.scores(self._encode(texts), self._index.vectors(texts))

    def _probabilities(self, scores: Array) -> Array:
        scores = scores[:, : len(self.labels)] * self._temperature
        scores -= scores.max(axis=1, keepdims=True)
        exponents = np.exp(scores)
        return exponents / exponents.sum(axis=1, keepdims=True)

    def _by_intent(self, shares: Array) -> Array:
        """Add up the probabilities of the kinds of each intent."""
        out = np.zeros((len(shares), len(self.intents)), dtype=np.float32)
        for column, owner in enumerate(self._owner):
            out[:, owner] += shares[:, column]
        return out

    def _kind(self, shares: Array) -> str:
        """Return the kind of a neighbouring question, or "" when none is likelier than the rest."""
        kinds = [(shares[i], label) for i, label in enumerate(self.labels) if _KIND in label]
        best, label = max(kinds, default=(0.0, ""))
        return label.partition(_KIND)[2] if 2 * best > sum(share for share, _ in kinds) else ""

    def _for_person(self, audience: str, state: str) -> Array:
        """Return a factor for each intent: more than 1 for what is written for such a person."""
        settings, entries = self._data["person"], self._data["entries"]
        weights = np.zeros(len(self.intents), dtype=np.float32)
        for place, intent in enumerate(self.intents):
            about = entries.get(intent, {"audience": (), "states": ()})
            weights[place] += settings["audience"] * (audience in about["audience"])
            weights[place] += settings["state"] * (state in about["states"])
        return np.exp(weights)

    def _lean(self, text: str, sure: float) -> float:
        """Return how far a text leans on what was said before, from 0 to 1.

        A longer text that is clear alone hardly does: context must not override a new question. One
        that is quite clear does not, which also saves reading it in view of the conversation.
        """
        settings = self._follow_up
        words = len(tokens_of(text))
        if words > settings["clear_words"] and sure > settings["quite_clear"]:
            return 0.0
        lean = 1.0 if words <= settings["short_words"] else settings["long"]
        if words > settings["clear_words"] and sure > settings["clear"]:
            lean *= settings["clear_lean"]
        return float(lean)

    def _nearness(self, entry: str, intent: str) -> float:
        """Return how a follow-up on `entry` is likely to be about `intent`, as a log weight."""
        settings, entries = self._follow_up, self._data["entries"]
        if intent not in entries:
            return 0.0
        if intent.startswith(f"{URGENT}/"):
            return float(settings["urgent"])
        if intent == entry:
            return float(settings["same"])
        if intent in entries[entry]["related"] or entry in entries[intent]["related"]:
            return float(settings["related"])
        same_topic = entries[intent]["topic"] == entries[entry]["topic"]
        return float(settings["topic"] if same_topic else settings["far"])


def _refined(
    before: Fitted,
    keys: Sequence[str],
    labels: Sequence[str],
    sentences: Array,
    lexical: Any,
    targets: Array,
    importance: Array,
) -> KernelRidge:
    """Return the model of examples that differ little from those of a training before."""
    sentences = centred(sentences, before.centre)
    place = {key: row for row, key in enumerate(before.keys)}
    rows = np.array([place.get(key, -1) for key in keys])
    old, new = rows >= 0, rows < 0
    columns = [*(list(labels).index(label) for label in before.labels), -2, -1]
    dual = np.zeros_like(targets)
    known = np.zeros_like(targets[old])
    known[:, columns] = before.dual[rows[old]]
    dual[old] = known
    residual = np.zeros_like(targets)
    # What the examples are worth has changed a little with their number.
    residual[old] = dual[old] * (PENALTY / before.importance[rows[old]] - PENALTY / importance[old])[:, None]
    if new.any():
        residual[new] = targets[new] - kernel_of(sentences[new], sentences, lexical[new], lexical) @ dual
    gone = np.setdiff1d(np.arange(len(before.keys)), rows[old])
    if len(gone):
        lost = np.zeros((len(gone), targets.shape[1]), dtype=np.float32)
        lost[:, columns] = before.dual[gone]
        words = before.lexical[gone]
        residual[old] += kernel_of(sentences[old], before.sentences[gone], lexical[old], words) @ lost
    dual = refine(sentences, lexical, targets, importance, dual, residual)
    return model_of(before.centre, sentences, dual, lexical)


def _joined(title: str, text: str) -> str:
    """Return a follow-up as one text with the question that was answered before it."""
    return f"{title.lower()} {text}"


def _in_view(text: str, example: LabelledExample, catalogue: Catalogue) -> str:
    """Return what the model reads of an example: a follow-up with its conversation in view."""
    if not example.after:
        return text
    return _joined(catalogue.entries[f"{FAQ}/{example.after}"].title[example.language], text)


def fit_temperature(scores: Array, labels: Array) -> float:
    """Return the factor on scores whose softmax is most likely to give the labels.

    A grid is exact enough: the likelihood is flat around its best point.
    """
    best, least = 1.0, np.inf
    for factor in np.arange(2.0, 80.5, 0.5):
        scaled = scores * factor
        top = scaled.max(axis=1, keepdims=True)
        normalizer = np.log(np.exp(scaled - top).sum(axis=1)) + top[:, 0]
        loss = float((normalizer - scaled[np.arange(len(labels)), labels]).mean())
        if loss < least:
            best, least = float(factor), loss
    return best
