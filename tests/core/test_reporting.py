"""The guided report: what it asks, what it keeps, and when it gives way."""

from __future__ import annotations

import pytest

from bot.reporting import REPORT, REPORT_LEFT, STEPS, ReportFlow
from bot.understanding import Candidate, Report, Understanding

FLOW = ReportFlow(
    titles={"at work": "work", "en el trabajo": "work"},
    entries={"faq/reporting_wage_theft": "work", "faq/reporting_housing": "housing"},
    leave=frozenset({"stop here", "salir"}),
    yes=frozenset({"yes", "si"}),
)


def understood(intent: str = "nlu_fallback", decision: str = "unknown", **more: object) -> Understanding:
    return Understanding("es", "es", decision, intent, **more)  # type: ignore[arg-type]


def at(step: int, **more: object) -> Understanding:
    return understood(REPORT, "dialogue", report=Report(step, **more), entry="faq/general_voting")  # type: ignore[arg-type]


def test_it_asks_six_questions_and_ends() -> None:
    now = FLOW.start(understood(REPORT, "dialogue"))
    for step in range(1, len(STEPS) + 1):
        assert now.report is not None
        assert (now.report.step, now.report.done) == (step, False)
        after = FLOW.next("hace un mes", understood(), now)
        assert after is not None
        now = after
    assert now.report is not None
    assert now.report.done
    # After the last answer the conversation goes on as before.
    assert FLOW.next("gracias", understood("thanks", "dialogue"), now) is None


#: what is typed first, its candidates, the kind.
KINDS = [
    ("at work", (), "work"),  # a button
    ("no me pagaron", (Candidate("faq/reporting_wage_theft", 0.4),), "work"),  # a story
    ("me corrieron del apartamento", (Candidate("faq/reporting_housing", 0.9),), "housing"),
    ("pues algo", (Candidate("faq/daca_what_it_is", 0.9),), "other"),  # nothing that is known
]


@pytest.mark.parametrize(("form", "candidates", "kind"), KINDS)
def test_what_it_is_about(form: str, candidates: tuple[Candidate, ...], kind: str) -> None:
    after = FLOW.next(form, understood(candidates=candidates), at(1))
    assert after is not None
    assert after.report == Report(2, kind)


@pytest.mark.parametrize(("form", "urgent"), [("si", True), ("si esta pasando", True), ("no", False)])
def test_urgency(form: str, urgent: bool) -> None:
    after = FLOW.next(form, understood(), at(6, kind="work"))
    assert after is not None
    assert after.report == Report(7, "work", urgent)


def test_nothing_of_an_answer_is_kept() -> None:
    said = understood(
        "faq/reporting_wage_theft", "answer", candidates=(Candidate("faq/reporting_wage_theft", 1.0),)
    )
    after = FLOW.next("mi patron no me pago", said, at(1))
    assert after is not None
    assert after.private
    assert after.candidates == ()
    assert (after.decision, after.intent, after.entry) == ("dialogue", REPORT, "faq/general_voting")


#: what it would be outside of the flow, whether the flow gives way.
GIVES_WAY = [
    (understood("urgent/at_door", "urgent", confidence=0.9), True),  # an emergency
    (understood("urgent/self_harm", "urgent", confidence=0.32), False),  # "I have texts", as proof
    (understood("faq/daca_fees_and_payment", "answer", asks=True), True),  # a clear question
    (understood("faq/reporting_wage_theft", "answer"), False),  # a story is an answer
    (understood("erase", "dialogue", confidence=0.9), True),
    (understood("talk_to_person", "dialogue", confidence=0.9), True),
    (understood("talk_to_person", "dialogue", confidence=0.5), False),  # "a person saw it"
    (understood("who_sees_this", "dialogue", confidence=0.9), False),  # "I have messages"
    (understood("who_sees_this", "dialogue", confidence=0.9, asks=True), True),
    (understood("thanks", "dialogue", confidence=0.9), False),
]


@pytest.mark.parametrize(("said", "gives_way"), GIVES_WAY)
def test_when_it_gives_way(said: Understanding, gives_way: bool) -> None:
    assert (FLOW.next("lo que sea", said, at(3)) is None) == gives_way


def test_switching_the_language_asks_the_same_again() -> None:
    said = Understanding("en", "en", "dialogue", "switch_to_english", confidence=1.0)
    after = FLOW.next("in english please", said, at(3, kind="work"))
    assert after is not None
    assert (after.language, after.report) == ("en", Report(3, "work"))


@pytest.mark.parametrize("form", ["salir", "stop here"])
def test_it_can_be_left(form: str) -> None:
    after = FLOW.next(form, understood(), at(4))
    assert after is not None
    assert (after.intent, after.report) == (REPORT_LEFT, None)


def test_leaving_is_leaving_even_where_the_word_alone_sounds_urgent() -> None:
    after = FLOW.next("salir", understood("urgent/in_car", "urgent"), at(3))
    assert after is not None
    assert (after.intent, after.report) == (REPORT_LEFT, None)
