"""How hard a text is to read, by the library textstat.

English by the Flesch-Kincaid grade (Kincaid et al. 1975: US school years), Spanish by the ease of
Fernández Huerta (1959: 0 to 100, higher is easier). Both look at the length of sentences and words,
so addresses and phone numbers are taken out and each line counts as ended.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

#: What answers aim at, and what no answer may pass (docs/content_guide.md).
EN_GRADE_AIM, EN_GRADE_MOST = 8.0, 10.0
ES_EASE_AIM, ES_EASE_LEAST = 60.0, 50.0

#: This share of the answers of a language must reach the aim.
AIM_SHARE = 0.9

_LINK = re.compile(r"\b(?:https?://)?[\w-]+(?:\.[\w-]+)*\.(?:com|org|gov|net|edu|us|mx)\b(?:/[\w./-]*)?")
_PHONE = re.compile(r"\+?\(?\d{1,4}\)?(?:[-. ]\(?\d{2,4}\)?)+")
_BULLET = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.)])\s+")
_OPEN_END = re.compile(r"(?m)(?<=[^.!?:;\s])[;:]?\s*$")


@lru_cache(maxsize=4096)
def difficulty(text: str, language: str) -> float:
    """Return the grade (en, lower is easier) or the ease (es, higher is easier) of a text."""
    plain = _plain(text)
    scores = _textstat(language)
    score = scores.flesch_kincaid_grade(plain) if language == "en" else scores.fernandez_huerta(plain)
    return float(score)


def reaches_aim(text: str, language: str) -> bool:
    """Whether a text is as plain as answers aim to be."""
    score = difficulty(text, language)
    return score <= EN_GRADE_AIM if language == "en" else score >= ES_EASE_AIM


def too_hard(text: str, language: str) -> bool:
    """Whether a text is harder than any answer may be."""
    score = difficulty(text, language)
    return score > EN_GRADE_MOST if language == "en" else score < ES_EASE_LEAST


def _plain(text: str) -> str:
    """Take out what is not read as words, and end each line as a sentence."""
    text = _BULLET.sub("", text)
    text = _PHONE.sub(" ", _LINK.sub(" ", text))
    text = _OPEN_END.sub(".", text)
    return re.sub(r"\s+", " ", text).strip()


@lru_cache(maxsize=2)
def _textstat(language: str) -> Any:
    import warnings

    with warnings.catch_warnings():
        # textstat finds its word list through pkg_resources (https://github.com/textstat/textstat).
        warnings.simplefilter("ignore")
        from textstat.textstat import textstatistics
    scores = textstatistics()
    scores.set_lang(language)
    return scores
