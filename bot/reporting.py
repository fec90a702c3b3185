"""The guided flow for someone who wants to report a wrong: six short questions, no verdict.

What people answer is looked at for three things (what it is about, the state, whether it is urgent)
and kept nowhere: an understanding made here is `private`, so no transcript holds its text, and it
names no candidates. The flow gives way to an emergency, to a clear question and to a wish to leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.content import FAQ, ReportKind
from bot.understanding import ANSWER, DIALOGUE, URGENT, Report, Understanding

#: The dialogue intents that start it and that end it early.
REPORT, REPORT_LEFT = "report", "report_left"

#: The questions, in order; their words are report_q_<name> in data/texts.yml.
STEPS = ("what", "where", "when", "who", "proof", "urgency")

OTHER = "other"

#: These interrupt the flow, said in a few words and clearly, for an answer may resemble them ("I
#: have messages"); of the questions on the assistant itself only what is written as a question.
_INTERRUPTING = ("erase", "talk_to_person", "menu")
_QUESTIONS = ("who_sees_this", "are_you_government", "who_are_you")
_ASKING_AGAIN = ("switch_to_english", "switch_to_spanish", "repeat")
_FEW_WORDS = 7
_CLEAR = 0.8

#: Alone a few words may sound like an emergency ("I have texts"); as an answer they must do so clearly.
_ALARM = 0.5


@dataclass(frozen=True)
class ReportFlow:
    """Where a report goes next. Forms are texts as bot.features.exact_form writes them.

    titles   form of a kind's button -> kind
    entries  entry -> kind that its questions speak of
    """

    titles: Mapping[str, str]
    entries: Mapping[str, str]
    leave: frozenset[str]
    yes: frozenset[str]

    @classmethod
    def of(cls, kinds: Iterable[ReportKind], words: Mapping[str, Sequence[str]]) -> ReportFlow:
        """Build the flow from the kinds and the forms of `leave` and `yes`."""
        kinds = list(kinds)
        return cls(
            titles={form: kind.id for kind in kinds for form in words.get(f"title {kind.id}", ())},
            entries={f"{FAQ}/{id_}": kind.id for kind in kinds for id_ in kind.entries},
            leave=frozenset(words["leave"]),
            yes=frozenset(words["yes"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the archive."""
        return {
            "titles": dict(self.titles),
            "entries": dict(self.entries),
            "leave": sorted(self.leave),
            "yes": sorted(self.yes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReportFlow:
        """Read what `to_json` wrote."""
        return cls(data["titles"], data["entries"], frozenset(data["leave"]), frozenset(data["yes"]))

    def start(self, understood: Understanding) -> Understanding:
        """Begin: what the person said to start is no part of the report."""
        return replace(understood, report=Report(step=1))

    def next(self, form: str, understood: Understanding, before: Understanding) -> Understanding | None:
        """Take an answer and ask the next question; None when the person turned to something else.

        `form` is the exact form of the text, `understood` what it would mean outside of the flow.
        """
        report = before.report
        if report is None or report.done:
            return None
        if form in self.leave:
            return _private(understood, before, None, REPORT_LEFT)
        if understood.decision == URGENT and understood.confidence >= _ALARM:
            return None
        clear = understood.confidence >= _CLEAR and len(form.split()) <= _FEW_WORDS
        if understood.decision == DIALOGUE and clear:
            if understood.intent in _INTERRUPTING or (understood.intent in _QUESTIONS and understood.asks):
                return None
            if understood.intent in _ASKING_AGAIN:
                return _private(understood, before, report)
        if understood.decision == ANSWER and understood.asks:
            return None
        return _private(understood, before, self._answered(form, understood, report))

    def _answered(self, form: str, understood: Understanding, report: Report) -> Report:
        step = STEPS[report.step - 1]
        if step == "what":
            kinds = (self.entries.get(candidate.intent) for candidate in understood.candidates)
            kind = self.titles.get(form) or next((kind for kind in kinds if kind), OTHER)
            report = replace(report, kind=kind)
        elif step == "urgency":
            report = replace(report, urgent=form in self.yes or form.split(" ")[0] in self.yes)
        return replace(report, step=report.step + 1)


def _private(
    understood: Understanding, before: Understanding, report: Report | None, intent: str = REPORT
) -> Understanding:
    return Understanding(
        language=understood.language,
        detected=understood.detected,
        decision=DIALOGUE,
        intent=intent,
        confidence=1.0,
        entry=before.entry,
        topic="reporting",
        state=understood.state,
        redacted=understood.redacted,
        report=report,
        private=True,
    )
