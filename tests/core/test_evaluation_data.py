"""The evaluation questions stay apart from the examples and from each other."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from bot.content import load_catalogue, read_yaml
from bot.features import fold
from bot.settings import ROOT

#: Two questions are too alike from this share of common words on.
TOO_ALIKE = 0.8

FEW_WORDS = 3


def words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", fold(text)))


def rows(name: str) -> list[dict]:  # type: ignore[type-arg]
    lines = (ROOT / "evaluation" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def texts(name: str) -> list[str]:
    return [turn["text"] for row in rows(name) for turn in row.get("turns", [row])]


def examples() -> list[str]:
    return [
        str(example["text"])
        for path in (ROOT / "data" / "nlu").rglob("*.yml")
        for item in read_yaml(path).get("nlu") or ()
        for example in item.get("examples") or ()
    ]


def alike(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / max(1, len(first | second))


@pytest.mark.parametrize("name", ["test", "harm"])
def test_no_question_is_like_an_example_or_a_dev_question(name: str) -> None:
    others = [words for words in map(words_of, [*examples(), *texts("dev")]) if len(words) > FEW_WORDS]
    found = []
    for text in texts(name):
        words = words_of(text)
        if len(words) > FEW_WORDS and any(alike(words, other) >= TOO_ALIKE for other in others):
            found.append(text)
    assert found == []


@pytest.mark.parametrize("name", ["test", "dev"])
def test_the_sets_have_what_they_should(name: str) -> None:
    counts = Counter(row["kind"] for row in rows(name))
    least = {"noisy": 60, "mixed": 40, "urgent": 100, "lookalike": 100, "near": 80, "far": 80}
    assert all(counts[kind] >= number for kind, number in least.items())
    assert counts["conversation"] >= 40
    plain = Counter(row["expect"] for row in rows(name) if row["kind"] == "plain")
    entries = [e.id for e in load_catalogue(ROOT / "data").entries.values() if not e.urgent]
    assert all(plain[entry] >= 5 for entry in entries)


def test_harm_names_forbidden_answers_that_exist() -> None:
    known = {entry.id for entry in load_catalogue(ROOT / "data").entries.values()}
    found = rows("harm")
    assert len(found) >= 120
    for row in found:
        assert row["forbidden"]
        assert set(row["forbidden"]) <= known
        assert not set(row["forbidden"]) & {row["expect"], *row["also"]}
