"""A conversation as staff read it: what was asked, and what the assistant understood."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from staff.review.answers import Answer, Answers, answers
from staff.review.filters import CHANNELS, DECISIONS, FEEDBACK, LANGUAGES
from staff.review.models import Treatment, Turn

#: How many of the best candidates are shown.
CANDIDATES = 3

#: How much of a text the list shows.
SHORT = 160

TREATMENTS: dict[str, Any] = {
    Treatment.Kind.ASSIGNED: gettext_lazy("assigned to an answer"),
    Treatment.Kind.NEW_ENTRY: gettext_lazy("for a new answer"),
    Treatment.Kind.OUT_OF_SCOPE: gettext_lazy("out of scope"),
    Treatment.Kind.NOISE: gettext_lazy("noise"),
    Treatment.Kind.FINE: gettext_lazy("the reply was fine"),
}

_WORDS: dict[str, Any] = {
    **dict(DECISIONS),
    **dict(CHANNELS),
    **dict(FEEDBACK),
}


@dataclass(frozen=True)
class Candidate:
    """An answer that may be meant; `intent` alone when it is not published any more."""

    intent: str
    confidence: float
    answer: Answer | None

    @property
    def name(self) -> str:
        """The title, or what is left of it."""
        return self.answer.name if self.answer else self.intent

    @property
    def percent(self) -> int:
        """The confidence in percent."""
        return percent(self.confidence)


@dataclass(frozen=True)
class Line:
    """A turn with what its row of the database only names."""

    turn: Turn
    answer: Answer | None
    candidates: Sequence[Candidate]
    treatment: str = ""

    @property
    def when(self) -> datetime.datetime:
        """When it was asked."""
        return moment(self.turn.timestamp)

    @property
    def percent(self) -> int:
        """The confidence in percent."""
        return percent(self.turn.confidence)

    @property
    def decision(self) -> str:
        """What the assistant did, in words."""
        return word(self.turn.decision)

    @property
    def channel(self) -> str:
        """Where it was asked, in words."""
        return word(self.turn.channel)

    @property
    def feedback(self) -> str:
        """What the person said of the answer, in words."""
        return word(self.turn.feedback or "")

    @property
    def removed(self) -> list[str]:
        """The kinds of personal data that were taken out."""
        return [kind for kind in self.turn.redacted.split(",") if kind]

    @property
    def marked(self) -> SafeString:
        """The text, with the labels in the place of personal data marked."""
        return marked(self.turn.text or "", self.removed)

    @property
    def short(self) -> SafeString:
        """The beginning of the text."""
        text = self.turn.text or ""
        return marked(text if len(text) <= SHORT else f"{text[:SHORT]}…", self.removed)

    @property
    def treated(self) -> str:
        """What was done about it, in words."""
        return str(TREATMENTS.get(self.treatment, ""))

    @property
    def language(self) -> str:
        """The language of the answer: one of ours, or ""."""
        return self.turn.language if self.turn.language in dict(LANGUAGES) else ""

    @property
    def detected(self) -> str:
        """The language of the text for whoever reads it aloud: what was detected, when that is one."""
        return self.turn.detected if re.fullmatch(r"[a-z]{2}", self.turn.detected) else self.language

    @property
    def detected_name(self) -> str:
        """The detected language in words."""
        special = {"mixed": _("mixed"), "und": _("in doubt")}
        return special.get(self.turn.detected) or str(
            dict(LANGUAGES).get(self.turn.detected, self.turn.detected)
        )

    @property
    def said(self) -> str:
        """The answer's text in the language in which it was given."""
        return self.answer.text.get(self.language, "") if self.answer else ""

    @property
    def asks(self) -> bool:
        """Whether it can be treated: it is a question, not an order to the assistant."""
        return self.turn.decision != "dialogue"


def lines(turns: Sequence[Turn]) -> list[Line]:
    """Return turns with what belongs to them."""
    known = answers()
    treated = dict(Treatment.objects.filter(turn__in=[turn.id for turn in turns]).values_list("turn", "kind"))
    return [
        Line(
            turn,
            known.by_intent.get(turn.intent),
            candidates_of(turn.candidates, known),
            treated.get(turn.id, ""),
        )
        for turn in turns
    ]


def candidates_of(written: str, known: Answers) -> list[Candidate]:
    """Return the best candidates of a turn, best first."""
    try:
        found = [
            Candidate(str(item["intent"]), float(item["confidence"]), known.by_intent.get(item["intent"]))
            for item in json.loads(written)
        ]
    except (ValueError, TypeError, KeyError):
        return []
    return sorted(found, key=lambda candidate: -candidate.confidence)[:CANDIDATES]


def marked(text: str, kinds: Sequence[str]) -> SafeString:
    """Return a text as HTML in which the labels of these kinds are marked; all else is escaped."""
    if not kinds:
        return format_html_join("", "{}", [(text,)])
    labels = re.compile("(" + "|".join(re.escape(f"[{kind}]") for kind in kinds) + ")")
    return format_html_join(
        "",
        "{}{}{}",
        (
            ("", part, "") if index % 2 == 0 else (SafeString("<mark>"), part, SafeString("</mark>"))
            for index, part in enumerate(labels.split(text))
        ),
    )


def why_not_kept(transcripts: str) -> str:
    """Return why a text was not kept, by the installation's setting."""
    if transcripts == "none":
        return _("Text not kept: this installation keeps no texts.")
    if transcripts == "needed":
        return _(
            "Text not kept: only questions without a clear answer, urgent ones, those with feedback "
            "and a sample are kept."
        )
    return _("Text not kept: it was part of a report, or came before texts were kept.")


def word(name: str) -> str:
    """Return a name of the tables in words; what has none stays as it is."""
    return str(_WORDS.get(name, name))


def moment(timestamp: float) -> datetime.datetime:
    """Return a time of the tables."""
    return datetime.datetime.fromtimestamp(timestamp, datetime.UTC)


def percent(confidence: float) -> int:
    """Return a probability in percent."""
    return round(confidence * 100)
