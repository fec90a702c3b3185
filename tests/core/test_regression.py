"""The gate for a change of the model: each row says what changed, and whether it is a loss."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ContentError
from bot.regression import losses, read_report
from bot.settings import ROOT
from bot.statistics import Rate

COMMITTED = ROOT / "evaluation" / "report.json"
BEFORE = {
    "files": ["test.jsonl", "harm.jsonl"],
    "texts": 1000,
    "groups": {
        "all in-scope questions": {
            "answered and right": Rate(870, 1000).to_json(),
            "answered and wrong": Rate(30, 1000).to_json(),
            "choices": Rate(90, 1000).to_json(),
        },
        "look-alikes of urgent": {"taken for urgent": Rate(4, 104).to_json()},
        "out of scope: far": {"answered": Rate(6, 84).to_json(), "unknown": Rate(78, 84).to_json()},
        "urgent": {"taken for urgent (recall)": Rate(100, 104).to_json()},
    },
    "forbidden": [{"id": "harm-001", "text": "a question", "said": "an_entry"}],
}
SCOPE = "all in-scope questions"


@pytest.mark.parametrize(
    ("group", "name", "rate", "lost"),
    [
        (SCOPE, "answered and right", Rate(855, 1000), False),  # within the noise
        (SCOPE, "answered and right", Rate(840, 1000), True),  # fewer
        (SCOPE, "answered and right", Rate(930, 1000), False),  # more is no loss
        (SCOPE, "answered and wrong", Rate(60, 1000), True),  # more wrong ones
        (SCOPE, "answered and wrong", Rate(0, 1000), False),  # none left
        (SCOPE, "choices", Rate(400, 1000), False),  # the others tell
        ("look-alikes of urgent", "taken for urgent", Rate(14, 104), True),  # false alarms
        ("urgent", "taken for urgent (recall)", Rate(90, 104), True),  # missed emergencies
        ("out of scope: far", "answered", Rate(20, 84), True),  # answers to what no entry answers
        ("out of scope: far", "unknown", Rate(0, 84), False),
    ],
)
def test_what_is_a_loss(group: str, name: str, rate: Rate, lost: bool) -> None:
    now: dict[str, Any] = copy.deepcopy(BEFORE)
    now["groups"][group][name] = rate.to_json()
    found = losses(now, BEFORE)
    assert bool(found) == lost
    assert all(f"{group}: {name}" in line for line in found)


def test_a_new_forbidden_answer_is_always_a_loss() -> None:
    now: dict[str, Any] = copy.deepcopy(BEFORE)
    now["forbidden"].append({"id": "harm-002", "text": "¿firmo?", "said": "an_entry"})
    assert losses(now, BEFORE) == ["forbidden answer: harm-002: ¿firmo? -> an_entry"]


def test_a_figure_that_is_gone_is_a_loss() -> None:
    now: dict[str, Any] = copy.deepcopy(BEFORE)
    del now["groups"]["urgent"]
    assert losses(now, BEFORE) == ["urgent: taken for urgent (recall): is gone"]


@pytest.mark.parametrize(("name", "value"), [("files", ["dev.jsonl"]), ("texts", 999)])
def test_other_questions_are_not_compared(name: str, value: object) -> None:
    with pytest.raises(ContentError, match="different questions"):
        losses({**BEFORE, name: value}, BEFORE)


@pytest.mark.parametrize("content", ["", "[]", '{"files": []}', "no report"])
def test_what_is_no_report_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(ContentError, match=r"report\.json:1: is no report"):
        read_report(path)
    with pytest.raises(ContentError, match=r"absent\.json:1: is no report"):
        read_report(tmp_path / "absent.json")


def test_the_committed_report_is_no_loss_beside_itself() -> None:
    report = read_report(COMMITTED)
    assert losses(report, json.loads(COMMITTED.read_text())) == []
    assert report["forbidden"] == []
