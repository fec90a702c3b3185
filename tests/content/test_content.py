"""The questions and answers: what is read, and what the checks find."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest

from bot import checks
from bot.content import LANGUAGES, SMS, WEB, Catalogue, load_catalogue
from bot.errors import ContentError, ReplyError
from bot.settings import ROOT

DATA = ROOT / "data"
CATALOGUE = load_catalogue(DATA)


def test_the_content_has_no_problems() -> None:
    assert list(checks.problems_of(CATALOGUE, DATA)) == []


def test_every_text_of_every_entry_exists() -> None:
    for entry in CATALOGUE.entries.values():
        for language in LANGUAGES:
            for channel in (WEB, SMS, "whatsapp"):
                assert entry.text(language, channel)


def test_a_missing_text_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ReplyError, match="write one and train"):
        CATALOGUE.entries["faq/general_voting"].text("fr", WEB)


def test_the_catalogue_survives_the_archive() -> None:
    again = Catalogue.from_json(CATALOGUE.to_json())
    assert again.texts == CATALOGUE.texts
    assert again.organizations == CATALOGUE.organizations
    for intent, entry in CATALOGUE.entries.items():
        assert again.entries[intent].texts == entry.texts
        assert again.entries[intent].sources == entry.sources


def test_the_first_line_of_urgent_answers_stands_alone() -> None:
    urgent = [entry for entry in CATALOGUE.entries.values() if entry.urgent]
    assert len(urgent) == 10
    for entry in urgent:
        for language in LANGUAGES:
            lines = [line for line in entry.text(language, WEB).splitlines() if line]
            steps = [line for line in lines if line[0].isdigit()]
            assert 3 <= len(steps) <= 5, entry.id
            assert lines[0].startswith("1. "), entry.id


def test_each_fact_is_answered_once_or_shared_on_purpose() -> None:
    coverage = checks.coverage(CATALOGUE, DATA)
    assert set(coverage) == {"entries", "refused"}
    assert all(coverage["entries"].values())


def test_due_lists_the_first_due_first() -> None:
    found = checks.due(CATALOGUE, 60, datetime.date(2026, 11, 23))
    assert found
    assert [e.review_by for e in found] == sorted(e.review_by for e in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Numbers, links and months, in a form that both languages share.
        ("As of September 1, 2026: $555", {"1", "2026", "555", "month 9"}),
        ("Al 1 de septiembre de 2026: $555", {"1", "2026", "555", "month 9"}),
        ("Call 1-844-363-1423 or see uscis.gov/DACA.", {"1-844-363-1423", "uscis.gov/daca"}),
        # Numbered steps are not facts; "may" is a month only beside a number.
        ("1. You may wait\n2. Ask", set()),
        ("May 12, 2025", {"12", "2025", "month 5"}),
        ("12 de mayo de 2025", {"12", "2025", "month 5"}),
        ("$1,225.50", {"1225.50"}),
    ],
)
def test_facts_of_a_text(text: str, expected: set[str]) -> None:
    assert checks.facts_of(text) == expected


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        # A language is missing.
        ("value: es}]\n    text: |", "value: fr}]\n    text: |", "0 web texts in es"),
        # A stray brace would silence the assistant.
        ("de 150 a 120 días", "de {150 a 120 días", "stray brace"),
        # A number in one language only.
        ("de 150 a 120 días", "de 150 a 121 días", "differ between languages"),
        # No source, no date, unknown status, dead link.
        ("    reviewed: 2026-11-23\n", "", "lacks reviewed"),
        ("    status: draft", "    status: ready", "status must be one of"),
        ("related: [", "related: [no_such_entry, ", "related entry 'no_such_entry' does not exist"),
        ("resources: [", "resources: [nobody, ", "resource 'nobody'"),
        ("review_by: 2027-01-22", "review_by: soon", "review_by must be a date"),
        # A term that the Spanish loses, a word that no text uses, and "tú".
        ("de 150 a 120 días", "los ilegales de 150 a 120 días", "not to be used in es"),
        ("¿Qué es DACA y qué no es?", "¿Qué es tu DACA?", "write to people with usted"),
        # Not YAML at all.
        ("nlu:", "nlu: [", "correct the YAML"),
        # The same question in two entries.
        ("text: what is daca", "text: who qualifies for daca", "is also in"),
    ],
)
def test_broken_content_is_found_with_file_and_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    data = tmp_path / "data"
    path = data / "nlu" / "faq" / "daca.yml"
    path.parent.mkdir(parents=True)
    for name in ("texts.yml", "organizations.yml", "reporting.yml", "termbase.yml", "nlu/faq/daca.yml"):
        shutil.copy(DATA / name, data / name)
    text = path.read_text(encoding="utf-8")
    if problem == "is also in":
        other = CATALOGUE.entries["faq/daca_renewal_when"].examples[0]
        first = CATALOGUE.entries["faq/daca_what_it_is"].examples[0]
        old, new = first.text, other.text
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        checks.require(data)
    matching = [line for line in raised.value.problems if problem in line]
    assert matching, raised.value.problems
    file, line, _ = matching[0].split(":", 2)
    assert file.endswith(".yml")
    assert line.isdigit()
