"""A rewrite of what somebody asked, that points to nobody, as the start of an example question.

Nothing of a person's message becomes an example as it was sent. What may point to one person goes
(labels of removed data, numbers, names, places); an editor reads and changes the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.checks import question_form
from bot.content import Catalogue, read_yaml, without_lines
from bot.features import fold
from bot.identifiers import words
from bot.privacy import redact
from staff.review.models import Turn, Word
from staff.teach.reading import digest_of

#: A wording that so many conversations have points to nobody.
COMMON = 3

#: No wording is compared with more turns than this.
_MOST_TURNS = 5_000

#: A word of so many example questions is an everyday word.
_OFTEN = 10

_LABEL = re.compile(r"\[[A-Za-z-]+\]")
_FORM = r"(?:[a-zA-Z]{1,4}-\d{1,4}[a-zA-Z]{0,2})"
_NUMBER = re.compile(rf"(?<![\w-])({_FORM})(?![\w-])|[$#]?\b\d[\w,.:/%-]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
#: After these words comes a place, unless an everyday word follows.
_BEFORE_PLACE = words("in at near from to en de desde cerca")
_KINDS_OF_PLACE = words(
    "school high elementary middle college university church street avenue county city hospital store "
    "restaurant company apartment apartments escuela primaria secundaria preparatoria prepa colegio "
    "universidad iglesia calle avenida condado ciudad tienda restaurante compañia taller rancho"
)
_SENTENCE_END = frozenset(".!?¿¡:;\n")


@dataclass(frozen=True)
class Rewrite:
    """A suggestion; `changed` is whether more than case and spaces did."""

    text: str
    changed: bool


def suggest(text: str, known: Set[str], places: Set[str]) -> Rewrite:
    """Return a text without what may point to one person.

    `known` are folded everyday words, which no name is; `places` are folded names of places.
    """
    plain = _LABEL.sub(" ", redact(text).text)
    plain = _NUMBER.sub(lambda match: match[1] or " ", plain)
    plain = _without_places(plain, places)
    plain = _without_names(plain, known)
    plain = re.sub(r"\s+([,.!?;:])", r"\1", plain)
    plain = re.sub(r"([,;:])(?:\s*[,;:.])+", r"\1", plain)
    plain = re.sub(r"[\[\]{}]", " ", plain)
    plain = re.sub(r"\s+", " ", plain).strip(" ,;:-").lower()
    return Rewrite(plain, question_form(plain) != question_form(text))


def _without_places(text: str, places: Set[str]) -> str:
    """Take known places out, with the word that leads to them."""
    if not places:
        return text
    names = "|".join(re.escape(place) for place in sorted(places, key=len, reverse=True))
    lead = "|".join(sorted(_BEFORE_PLACE))
    folded = fold(text)
    if len(folded) != len(text):  # Folding took a character away: the places would not fit.
        text = folded
    pattern = re.compile(rf"(?:\b(?:{lead})\s+)?\b(?:{names})\b")
    out, end = [], 0
    for match in pattern.finditer(folded):
        out.append(text[end : match.start()])
        end = match.end()
    return "".join([*out, text[end:]])


def _without_names(text: str, known: Set[str]) -> str:
    """Take out words that look like a name: written large in a sentence, or after a word for a place."""
    out, end = [], 0
    before, before_at, gap_from, hidden = "", 0, 0, False
    for match in _WORD.finditer(text):
        word, start = match[0], match.start()
        between = text[gap_from:start]
        first = not before or bool(_SENTENCE_END & set(between))
        # What is all in capitals is an abbreviation (ICE, DACA), or everything is.
        large = word[0].isupper() and not word.isupper()
        leads = before in _BEFORE_PLACE
        after_place = leads or before in _KINDS_OF_PLACE or (hidden and not between.strip())
        hide = fold(word) not in known and not first and (large or after_place)
        if hide:
            out.append(text[end : before_at if leads and before_at >= end else start])
            end = match.end()
        before, before_at, gap_from, hidden = fold(word), start, match.end(), hide
    return "".join([*out, text[end:]])


def is_common(text: str) -> bool:
    """Whether the wording was seen in several conversations, so that it points to nobody."""
    form = question_form(text)
    longest = sorted({word for word in form.split() if len(word) > 1}, key=len, reverse=True)[:4]
    if not longest:
        return False
    turns = Turn.objects.exclude(text=None)
    for word in longest:
        turns = turns.filter(id__in=Word.objects.filter(word=word[:40]).values("turn"))
    seen: set[str] = set()
    for conversation, asked in turns.values_list("conversation", "text")[:_MOST_TURNS]:
        if question_form(asked or "") == form:
            seen.add(conversation)
        if len(seen) >= COMMON:
            return True
    return False


def points_to_someone(text: str) -> bool:
    """Whether a text holds what must not be in an example: personal data, or its labels."""
    return bool(_LABEL.search(text)) or redact(text).text != text


def known_words(catalogue: Catalogue) -> frozenset[str]:
    """Return the folded words of titles and answers that are no names, and those of many examples."""
    return _known_words(_Held(catalogue))


class _Held:
    """A catalogue as a key: the same object is the same key."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.catalogue is self.catalogue

    def __hash__(self) -> int:
        return id(self.catalogue)


@lru_cache(maxsize=2)
def _known_words(held: _Held) -> frozenset[str]:
    known: set[str] = set()
    asked: Counter[str] = Counter()
    large: Counter[str] = Counter()
    for entry in held.catalogue.entries.values():
        for text in (*entry.title.values(), *(t.text for t in entry.texts)):
            # What is always written like a name (Houston) may be one; an abbreviation (DACA) is not.
            said = _WORD.findall(text)
            known.update(fold(word) for word in said if word[0].islower() or word.isupper())
        for example in entry.examples:
            if not example.text.islower() and not example.text.isupper():
                said = _WORD.findall(example.text)[1:]
                asked.update(fold(word) for word in said)
                large.update(fold(word) for word in said if word.istitle() and word != "I")
    everyday = {word for word, count in asked.items() if count >= _OFTEN and large[word] * 2 < count}
    return frozenset(known | everyday)


def places_in(content: Path) -> frozenset[str]:
    """Return the folded names of the states."""
    path = content / "matching.yml"
    return _places_in(path, digest_of(path))


@lru_cache(maxsize=2)
def _places_in(path: Path, _digest: str) -> frozenset[str]:
    states = without_lines(read_yaml(path))["states"]
    return frozenset(fold(str(name)) for names in states.values() for name in names.values() if len(name) > 3)
