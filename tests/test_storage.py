"""What the database keeps, moves and forgets."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.storage.database import Database

TURN = {
    "timestamp": 1.0,
    "channel": "website",
    "language": "es",
    "detected": "es",
    "decision": "answer",
    "intent": "faq/daca_renewal_when",
    "confidence": 0.9,
    "candidates": "[]",
    "text": "zanahoriamorada",
    "redacted": "",
    "feedback": None,
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path}/conoce.sqlite3")


def say(database: Database, conversation: str, number: int) -> None:
    database.append(conversation, {"language": "es"}, [{"event": "user", "n": number}], [TURN], now=number)


def test_a_conversation_moves_to_the_new_key(database: Database) -> None:
    say(database, "old", 1)
    assert database.rename("old", "new")
    assert database.load("old", 24) is None
    stored = database.load("new", 24)
    assert stored is not None
    assert [event["n"] for event in stored.events] == [1]


def test_two_halves_of_a_conversation_become_one(database: Database) -> None:
    say(database, "old", 1)
    say(database, "new", 2)
    assert database.rename("old", "new")
    stored = database.load("new", 24)
    assert stored is not None
    assert [event["n"] for event in stored.events] == [1, 2]
    assert database.conversation_ids() == ["new"]


def test_nothing_moves_when_there_is_nothing(database: Database) -> None:
    say(database, "new", 1)
    assert not database.rename("old", "new")
    assert database.conversation_ids() == ["new"]


def test_erasure_after_a_change_of_keys_leaves_no_byte(database: Database, tmp_path: Path) -> None:
    say(database, "old", 1)
    database.rename("old", "new")
    assert database.erase(["new"]) == 1
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"zanahoriamorada" in p.read_bytes()]


def test_purge_keeps_what_is_young(database: Database) -> None:
    say(database, "young", 10 * 86_400)
    say(database, "old", 1)
    database.purge(5, now=10 * 86_400)
    assert database.conversation_ids() == ["young"]
