"""How an entry reads and looks: reading level, segments, terms, previews."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.checks import SEGMENTS_AIM, sms_of
from bot.content import FAQ, LANGUAGES, SMS, WEB, WHATSAPP, Catalogue, Entry
from bot.errors import ReplyError
from bot.phones.pages import fits_whatsapp, split
from bot.reading import difficulty, reaches_aim, too_hard
from bot.replies import Replies
from bot.segments import parts_of, segments_of
from bot.terms import Termbase
from staff.teach.problems import LABELS


@dataclass(frozen=True)
class Figure:
    """How plain a text is, and how long by SMS (`segments` is 0 on the web).

    `level` is the school grade in English, the ease of 0 to 100 in Spanish.
    """

    field: str
    language: str
    level: int
    plain: bool
    too_hard: bool
    characters: int
    segments: int = 0

    @property
    def where(self) -> str:
        """The name of the text."""
        return str(LABELS[self.field])

    @property
    def long(self) -> bool:
        """Whether it fills more segments than nearly all answers should."""
        return self.segments > SEGMENTS_AIM


@dataclass(frozen=True)
class Term:
    """A term that the English text says, and whether the Spanish says it too."""

    english: str
    spanish: str
    said: bool


@dataclass(frozen=True)
class Preview:
    """What a person gets; `parts` are the messages or segments as they would be sent."""

    language: str
    channel: str
    parts: tuple[str, ...]
    buttons: tuple[str, ...] = ()


def figures(entry: Entry, catalogue: Catalogue) -> Iterator[Figure]:
    """Yield the figures of each text."""
    for text in sorted(entry.texts, key=lambda t: (t.channel != WEB, t.language)):
        if text.language not in LANGUAGES or not text.text:
            continue
        sent = sms_of(entry, text.text, text.language, catalogue)
        yield Figure(
            f"text.{text.language}.{text.channel}",
            text.language,
            round(difficulty(text.text, text.language)),
            reaches_aim(text.text, text.language),
            too_hard(text.text, text.language),
            len(text.text),
            segments_of(sent) if text.channel == SMS else 0,
        )


def terms_in(entry: Entry, terms: Termbase) -> list[Term]:
    """Return the terms of the English texts, each once."""
    words = {
        language: "\n".join(
            [entry.title.get(language, ""), *(t.text for t in entry.texts if t.language == language)]
        )
        for language in LANGUAGES
    }
    spanish = terms.terms_in(words["es"], "es")
    return [
        Term(term["en"][0], ", ".join(term["es"][:3]), term in spanish)
        for term in terms.terms_in(words["en"], "en")
    ]


def previews(entry: Entry, catalogue: Catalogue, operator: str, days: int) -> Iterator[Preview]:
    """Yield the answer in each language and channel; a text that is missing has no preview."""
    replies = Replies(replace(catalogue, entries={**catalogue.entries, entry.intent: entry}), operator, days)
    today = datetime.datetime.now(tz=datetime.UTC).date()
    shown = replace(
        entry,
        related=tuple(id_ for id_ in entry.related if f"{FAQ}/{id_}" in catalogue.entries),
        resources=tuple(id_ for id_ in entry.resources if id_ in catalogue.organizations),
        reviewed=_date(entry.reviewed, today),
        review_by=_date(entry.review_by, today),
    )
    for channel in (WEB, SMS, WHATSAPP):
        for language in LANGUAGES:
            try:
                reply = replies.answer(shown, language, channel, today)
            except ReplyError:
                continue
            whole = reply.plain(channel)
            parts = (
                parts_of(whole)
                if channel == SMS
                else split(whole, fits_whatsapp)
                if channel == WHATSAPP
                else [whole]
            )
            buttons = tuple(button.title for button in reply.buttons) if channel == WEB else ()
            yield Preview(language, channel, tuple(parts), buttons)


def _date(value: str, today: datetime.date) -> str:
    try:
        return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        return today.isoformat()
