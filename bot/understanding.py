"""What one message means: its language, and one decision about it, with the conversation in view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

#: The kinds of decision (one of these for every message).
URGENT = "urgent"
ANSWER = "answer"
CHOICES = "choices"
UNKNOWN = "unknown"
DIALOGUE = "dialogue"

#: Where a message's parse data carries its understanding, and a reply its parts.
KEY = "conoce"

#: Rasa's name for "no intent fits".
FALLBACK_INTENT = "nlu_fallback"
NEAR_SCOPE = "near_scope"
OUT_OF_SCOPE = "out_of_scope"
OTHER_LANGUAGE = "other_language"
TOPIC = "topic"
NONE_OF_THESE = "none_of_these"
MORE = "more"


@dataclass(frozen=True)
class Candidate:
    """An entry that may be meant. `confidence` is a probability."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Report:
    """How far a guided report is (bot/reporting.py): categories only, no word of the person.

    step    the question that was asked, from 1; one more than there are when all are answered
    kind    what it is about: an id of data/reporting.yml
    """

    step: int
    kind: str = ""
    urgent: bool = False

    @property
    def done(self) -> bool:
        """Whether all questions were answered."""
        return self.step > REPORT_STEPS


#: How many questions a guided report has.
REPORT_STEPS = 6


@dataclass(frozen=True)
class Understanding:
    """The result for one message, and all that the next message needs to know of it.

    decision    urgent | answer | choices | unknown | dialogue
    intent      the full intent: faq/<id>, urgent/<situation>, a dialogue intent or nlu_fallback
    candidates  the best entries, whatever the decision, best first
    shown       the entries offered when the decision is choices
    entry       the entry that the conversation is about after this message, or ""
    misses      how many messages in a row found no answer
    reason      why there is no answer: "", "empty" or "too_long"
    redacted    the kinds of personal data taken out of the message
    referral    the kind of a question that no entry answers but somebody else can (near_scope)
    audience    who the person said they are: "", student, parent, worker, educator or provider
    asks        whether the message is written as a question
    report      the guided report that the conversation is in
    page        which part of the longer text somebody asked for, from 1 (MORE)
    private     whether no transcript may hold the text of the message
    """

    language: str
    detected: str
    decision: str
    intent: str
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    shown: tuple[str, ...] = ()
    entry: str = ""
    topic: str = ""
    state: str = ""
    misses: int = 0
    reason: str = ""
    redacted: tuple[str, ...] = ()
    referral: str = ""
    audience: str = ""
    asks: bool = False
    report: Report | None = None
    private: bool = False
    page: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data for Rasa's parse data."""
        data = asdict(self)
        data["candidates"] = [{"intent": c.intent, "confidence": c.confidence} for c in self.candidates]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Understanding:
        """Read what `to_json` wrote."""
        return cls(
            **{
                **data,
                "candidates": tuple(Candidate(**c) for c in data["candidates"]),
                "shown": tuple(data["shown"]),
                "redacted": tuple(data["redacted"]),
                "report": Report(**data["report"]) if data.get("report") else None,
            }
        )

    def with_redacted(self, kinds: tuple[str, ...]) -> Understanding:
        """Return a copy that names the kinds of personal data taken out."""
        return replace(self, redacted=kinds)
