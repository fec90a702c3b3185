"""One decision for each message: each row says what it is an example of."""

from __future__ import annotations

import numpy as np
import pytest

from bot.content import read_yaml, without_lines
from bot.decision import Cautions, Decider
from bot.matcher import Match
from bot.settings import ROOT
from bot.understanding import ANSWER, CHOICES, DIALOGUE, UNKNOWN, URGENT, Candidate

SETTINGS = without_lines(read_yaml(ROOT / "data" / "matching.yml"))
HELD = "faq/detention_find_person"
DECIDER = Decider(SETTINGS["decision"], Cautions.of(SETTINGS, {HELD: "detention"}))

CAR, RUMOR = "faq/raids_car_stop", "faq/raids_verify_rumor"
COST, WHEN = "faq/daca_fees_and_payment", "faq/daca_renewal_when"
HOME, ABROAD = "faq/daca_travel_domestic", "faq/daca_advance_parole_basics"
DOOR = "urgent/at_door"


def match(shares: dict[str, float], urgent: float = 0.0, outside: float = 0.0) -> Match:
    """Return a match with these probabilities; what is left goes to small talk."""
    shares = {DOOR: 0.0, **shares}
    shares["greet"] = 1 - sum(shares.values())
    ranked = sorted(((p, i) for i, p in shares.items() if "/" in i), reverse=True)
    return Match(
        tuple(shares),
        np.array(list(shares.values()), dtype=np.float32),
        tuple(Candidate(intent, probability) for probability, intent in ranked),
        urgent,
        outside,
    )


@pytest.mark.parametrize(
    ("found", "decision"),
    [
        (match({COST: 0.9}), ANSWER),  # one entry stands out
        (match({COST: 0.6, WHEN: 0.35}), CHOICES),  # two do
        (match({COST: 0.9}, outside=0.4), CHOICES),  # it may be a question that no entry answers
        (match({COST: 0.9}, outside=0.9), UNKNOWN),  # it surely is one
        (match({COST: 0.02}), DIALOGUE),  # a greeting
        (match({COST: 0.3, WHEN: 0.3}, outside=0.9), UNKNOWN),  # choices would mislead
        (match({COST: 0.9, DOOR: 0.05}, urgent=0.5), URGENT),  # what happens now comes first
        (match({DOOR: 0.8}, urgent=0.22), URGENT),  # both signs lean that way
        (match({DOOR: 0.9}, urgent=0.1), UNKNOWN),  # a look-alike of an emergency
        (match({HOME: 0.93, COST: 0.05}), ANSWER),  # sure, and no rival
        (match({HOME: 0.93, ABROAD: 0.05}), CHOICES),  # as sure, but mistaking the two hurts
        (match({HOME: 0.96, ABROAD: 0.02}), ANSWER),  # surer
    ],
)
def test_decisions(found: Match, decision: str) -> None:
    assert DECIDER.decide(found).kind == decision


@pytest.mark.parametrize(
    ("found", "decision", "intent"),
    [
        # "ice is stopping my car": sounds like a known question, and is happening now
        (match({CAR: 0.99, DOOR: 0.001}, urgent=0.3), URGENT, "urgent/in_car"),
        # "a van around the corner, is it ice?": no situation is in sight
        (match({RUMOR: 0.99, DOOR: 0.001}, urgent=0.4), ANSWER, RUMOR),
        # the same, were it not sure what is asked
        (match({RUMOR: 0.9, DOOR: 0.001}, urgent=0.4), URGENT, DOOR),
        # the same, with a situation in sight
        (match({RUMOR: 0.98, DOOR: 0.01}, urgent=0.4), URGENT, DOOR),
        # the same, were the gate surer
        (match({RUMOR: 0.99, DOOR: 0.001}, urgent=0.7), URGENT, DOOR),
        # "they are hitting my cat": no entry is meant, and help may be needed
        (match({"out_of_scope": 0.98, DOOR: 0.001}, urgent=0.4, outside=0.7), URGENT, DOOR),
    ],
)
def test_what_only_sounds_like_an_emergency(found: Match, decision: str, intent: str) -> None:
    decided = DECIDER.decide(found)
    assert (decided.kind, decided.intent) == (decision, intent)


@pytest.mark.parametrize(
    ("answer", "parts", "shown"),
    [
        (COST, [match({COST: 0.9})], ()),  # the sentence says the same
        (COST, [match({HELD: 0.9})], (COST, HELD)),  # somebody is locked up: other rules may hold
        (COST, [match({HELD: 0.6})], ()),  # not surely
        (HELD, [match({COST: 0.9})], ()),  # the answer is about that already
        (HOME, [match({COST: 0.9}), match({ABROAD: 0.8})], (HOME, ABROAD)),  # a rival in one sentence
        (COST, [match({WHEN: 0.9})], ()),  # two needs, and neither answer hurts
    ],
)
def test_one_sentence_may_change_what_holds(answer: str, parts: list[Match], shown: tuple[str, ...]) -> None:
    decision = DECIDER.with_parts(DECIDER.decide(match({answer: 0.97})), parts)
    assert decision.shown == shown
    assert decision.kind == (CHOICES if shown else ANSWER)


def test_choices_are_the_likeliest() -> None:
    shown = DECIDER.decide(match({COST: 0.2, WHEN: 0.6, ABROAD: 0.1, HOME: 0.05})).shown
    assert shown == (WHEN, COST, ABROAD)


def test_groups_name_entries_that_exist() -> None:
    from bot.content import load_catalogue

    entries = load_catalogue(ROOT / "data").entries
    named = [*SETTINGS["emergencies"], *(e for group in SETTINGS["careful"] for e in group)]
    assert [e for e in named if f"faq/{e}" not in entries] == []
    assert [place for place in SETTINGS["emergencies"].values() if f"urgent/{place}" not in entries] == []
    assert not set(SETTINGS["weighty"]) - {entry.topic for entry in entries.values()}
