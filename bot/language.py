"""Which language a message is in, from several weak signals.

Texts are short and misspelled, so no detector is enough alone: scripts and letters, function
words and the spelling of texting, the words of the training examples, and langdetect for longer
texts each add evidence; the conversation so far and what the person chose decide when the text
itself says nothing ("ok", "DACA?", "Texas").
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from langdetect import DetectorFactory, LangDetectException, detect_langs

#: langdetect draws random numbers; without a seed the same text gets different answers.
DetectorFactory.seed = 0

DEFAULT_LANGUAGE = "en"

#: BCP-47 tags of "two languages in one text" (ours) and "undetermined" (ISO 639-2).
MIXED = "mixed"
UNDETERMINED = "und"

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_WITH_DIGIT = re.compile(r"\S*\d\S*")
_SURE = 1.0
_MINOR_SHARE = 0.34
_FOREIGN_WORDS = 2.0
_LANGDETECT_MIN_WORDS = 4
_LANGDETECT_SURE = 0.95


@dataclass(frozen=True)
class Detection:
    """`reply` is en or es; `detected` a BCP-47 tag, "mixed" or "und"; `evidence` per language."""

    reply: str
    detected: str
    evidence: Mapping[str, float]

    @property
    def other(self) -> bool:
        """Whether the text is in a language that has no answers."""
        return self.detected not in ("en", "es", MIXED, UNDETERMINED)

    @property
    def surely_other(self) -> bool:
        """Whether words or letters of another language say so, not only a detector's guess."""
        return self.other and self.evidence.get(self.detected, 0.0) >= _FOREIGN_WORDS


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; what holds a digit (I-765) is no word."""
    return [word.replace("’", "'") for word in _WORD.findall(_WITH_DIGIT.sub(" ", text.lower()))]


class LanguageIdentifier:
    """Tells English, Spanish, a mix of both and other languages apart.

    `lists` is the content of data/language.yml; `vocabulary` maps a word of the training examples
    to its evidence, above 0 for Spanish, below for English (`learn_vocabulary`).
    """

    def __init__(self, lists: Mapping[str, Any], vocabulary: Mapping[str, float] | None = None) -> None:
        words = {code: set(text.lower().split()) for code, text in lists["words"].items()}
        counts = Counter(word for members in words.values() for word in members)
        self._en, self._es = words["en"] - words["es"], words["es"] - words["en"]
        self._foreign = {
            code: {word for word in members if counts[word] == 1}
            for code, members in words.items()
            if code not in ("en", "es")
        }
        self._scripts = {code: re.compile(pattern) for code, pattern in lists["scripts"].items()}
        self._letters = {code: frozenset(letters) for code, letters in lists["letters"].items()}
        self._vocabulary = dict(vocabulary or {})

    def detect(self, text: str, previous: str | None = None, chosen: str | None = None) -> Detection:
        """Return the language of `text`.

        `previous` is the language of the conversation so far, `chosen` what the page or the
        person chose; both are en, es or None.
        """
        fallback = previous or chosen or DEFAULT_LANGUAGE
        text = unicodedata.normalize("NFC", text)
        script = self._script(text)
        if script:
            return Detection(fallback, script, {script: _FOREIGN_WORDS})
        words = words_of(text)
        evidence = self._evidence(text.lower(), words)
        foreign = self._foreign_language(text, words, evidence)
        if foreign:
            return Detection(fallback, foreign, evidence)
        en, es = evidence["en"], evidence["es"]
        total = en + es
        if total < _SURE:
            return Detection(fallback, UNDETERMINED, evidence)
        if min(en, es) / total >= _MINOR_SHARE and min(en, es) >= _SURE:
            reply = fallback if abs(en - es) < 1 and (previous or chosen) else ("es" if es >= en else "en")
            return Detection(reply, MIXED, evidence)
        if abs(es - en) < 0.5:
            return Detection(fallback, UNDETERMINED, evidence)
        reply = "es" if es > en else "en"
        return Detection(reply, reply, evidence)

    def _script(self, text: str) -> str | None:
        letters = sum(character.isalpha() for character in text)
        for code, pattern in self._scripts.items():
            # Japanese mixes its own letters with Chinese ones, so it needs only a few.
            found = len(pattern.findall(text))
            if found and found * 2 >= letters:
                return code
        return None

    def _evidence(self, text: str, words: Iterable[str]) -> dict[str, float]:
        evidence = {"en": 0.0, "es": 0.0}
        for word in words:
            if word in self._es:
                evidence["es"] += 1
            elif word in self._en:
                evidence["en"] += 1
            else:
                weight = self._vocabulary.get(word, 0.0)
                evidence["es" if weight > 0 else "en"] += abs(weight)
        letters = set(text)
        evidence["es"] += 1.5 * len(letters & self._letters["es"])
        evidence["es"] += 0.5 * len(letters & set("áéíóú"))
        return evidence

    def _foreign_language(self, text: str, words: list[str], evidence: dict[str, float]) -> str | None:
        best, score = None, 0.0
        letters = set(text.lower())
        for code, members in self._foreign.items():
            hits = sum(word in members for word in words)
            marks = len(letters & self._letters.get(code, frozenset()))
            points = hits + min(marks, 2)
            if points > score:
                best, score = code, float(points)
        known = max(evidence["en"], evidence["es"])
        if best and score >= _FOREIGN_WORDS and score > known:
            evidence[best] = score
            return best
        if len(words) >= _LANGDETECT_MIN_WORDS and known < 0.3 * len(words):
            guess = _langdetect(text)
            if guess in ("en", "es"):
                evidence[guess] += 1
            elif guess and (best == guess or known < _SURE):
                evidence[guess] = 1.0
                return guess
        return None


def _langdetect(text: str) -> str | None:
    """Return what langdetect is sure of, as a two-letter code."""
    try:
        guess = detect_langs(text)[0]
    except LangDetectException:
        return None
    return str(guess.lang)[:2] if guess.prob >= _LANGDETECT_SURE else None


def learn_vocabulary(examples: Iterable[tuple[str, str]], smallest: float = 0.3) -> dict[str, float]:
    """Learn which words of (text, language) examples speak for which language.

    Returns word -> evidence from -1 (English) to 1 (Spanish); words used in both are left out.
    """
    counts: dict[str, Counter[str]] = {"en": Counter(), "es": Counter()}
    for text, language in examples:
        if language in counts:
            counts[language].update(set(words_of(text)))
    en_total, es_total = (sum(counts[code].values()) or 1 for code in ("en", "es"))
    vocabulary = {}
    for word in set(counts["en"]) | set(counts["es"]):
        odds = math.log((counts["es"][word] + 0.3) / es_total) - math.log(
            (counts["en"][word] + 0.3) / en_total
        )
        weight = max(-1.0, min(1.0, odds / 3))
        if abs(weight) >= smallest:
            vocabulary[word] = round(weight, 3)
    return vocabulary
