"""Two archives side by side."""

from __future__ import annotations

import pytest

from bot.comparison import Comparison, Outcome, luck
from bot.evaluation import Row


def asked(kind: str, expect: str = "", forbidden: tuple[str, ...] = ()) -> Row:
    return Row("id", kind, "en", "text", expect, ("also",), forbidden)


@pytest.mark.parametrize(
    ("row", "decision", "entry", "right"),
    [
        # The entry that was meant, or another that is as good.
        (asked("plain", "daca"), "answer", "daca", True),
        (asked("plain", "daca"), "answer", "also", True),
        (asked("plain", "daca"), "answer", "bond", False),
        # Choices help, but they are no answer.
        (asked("plain", "daca"), "choices", "", False),
        # An emergency must be seen as one.
        (asked("urgent", "urgent/at_door"), "urgent", "urgent/in_car", True),
        (asked("urgent", "urgent/at_door"), "answer", "raids", False),
        # What no entry answers must not be answered.
        (asked("near"), "unknown", "", True),
        (asked("near"), "answer", "daca", False),
        # Where an answer can hurt and none is right, silence is right.
        (asked("harm", "", ("bond",)), "dialogue", "", True),
        (asked("harm", "", ("bond",)), "answer", "bond", False),
    ],
)
def test_what_counts_as_right(row: Row, decision: str, entry: str, right: bool) -> None:
    assert Outcome(row, decision, entry).right is right


def test_what_was_gained_lost_and_harmful() -> None:
    plain, harm = asked("plain", "daca"), asked("harm", "", ("bond",))
    good, bad = Outcome(plain, "answer", "daca"), Outcome(plain, "unknown", "")
    silent, harmful = Outcome(harm, "unknown", ""), Outcome(harm, "answer", "bond")
    compared = Comparison((bad, good, silent), (good, bad, harmful))
    assert [(b.entry, a.entry) for b, a in compared.gained] == [("", "daca")]
    assert [(b.entry, a.entry) for b, a in compared.lost] == [("daca", ""), ("", "bond")]
    assert compared.harmful == [harmful]
    # What both do is not news.
    assert not Comparison((harmful,), (harmful,)).harmful


@pytest.mark.parametrize(
    ("lost", "gained", "worse"),
    [
        # Nothing changed.
        (0, 0, False),
        # As much one way as the other.
        (8, 8, False),
        # Few losses can be luck,
        (4, 0, False),
        # many cannot.
        (5, 0, True),
        (20, 8, True),
        (0, 20, False),
    ],
)
def test_losses_count_as_real_when_luck_does_not_explain_them(lost: int, gained: int, worse: bool) -> None:
    assert (luck(lost, gained) < 0.05) is worse
