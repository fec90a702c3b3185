"""The evaluation questions stay apart from the examples and from each other."""

from __future__ import annotations

import json
import re
from collections import Counter

import numpy as np
import pytest
from scipy import sparse

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


def most_alike(texts: list[str], others: list[str]) -> list[float]:
    """Return for each text the largest share of common words with any of the others (Jaccard)."""
    ours = [words_of(text) for text in texts]
    theirs = [words for words in map(words_of, others) if len(words) > FEW_WORDS]
    numbers = {word: number for number, word in enumerate(frozenset().union(*ours, *theirs))}

    def matrix(sets: list[frozenset[str]]) -> sparse.csr_matrix:
        rows = [row for row, words in enumerate(sets) for _ in words]
        columns = [numbers[word] for words in sets for word in words]
        return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (len(sets), len(numbers)))

    first, second = matrix(ours), matrix(theirs)
    sizes = np.array([len(words) for words in theirs])
    found = []
    for row, words in zip(first, ours, strict=True):
        common = np.asarray((second @ row.T).todense()).ravel()
        share = common / np.maximum(1, sizes + len(words) - common)
        found.append(float(share.max()) if len(words) > FEW_WORDS else 0.0)
    return found


@pytest.mark.parametrize("name", ["test", "harm"])
def test_no_question_is_like_an_example_or_a_dev_question(name: str) -> None:
    questions = texts(name)
    shares = most_alike(questions, [*examples(), *texts("dev")])
    assert [text for text, share in zip(questions, shares, strict=True) if share >= TOO_ALIKE] == []


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
