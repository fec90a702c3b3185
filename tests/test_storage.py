"""What the database keeps, moves and forgets."""

from __future__ import annotations

import sqlite3
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


REPLY = {"text": "zanahoriamorada", "buttons": []}


def answer(database: Database, conversation: str, delivery: str) -> None:
    turn = {**TURN, "delivery": delivery}
    database.append(conversation, {}, [], [turn], delivery=(delivery, [REPLY]), now=1)


def test_a_reply_is_found_again_by_its_message(database: Database) -> None:
    answer(database, "ana", "message 1")
    assert database.replies_to("message 1") == [REPLY]
    assert database.replies_to("message 2") is None


def test_feedback_goes_to_the_turn_that_it_is_about(database: Database, tmp_path: Path) -> None:
    answer(database, "ana", "message 1")
    answer(database, "ana", "message 2")
    assert database.rate("message 1", "outdated")
    assert not database.rate("message 3", "wrong")
    with sqlite3.connect(tmp_path / "conoce.sqlite3") as connection:
        noted = connection.execute("SELECT delivery, feedback FROM turns ORDER BY id").fetchall()
    assert noted == [("message 1", "outdated"), ("message 2", None)]


def test_erasure_takes_replies_along(database: Database, tmp_path: Path) -> None:
    answer(database, "ana", "message 1")
    database.erase(["ana"])
    assert database.replies_to("message 1") is None
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and b"zanahoriamorada" in p.read_bytes()]


def test_a_database_of_an_older_release_gets_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "conoce.sqlite3"
    say(Database(f"sqlite:///{path}"), "ana", 1)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP INDEX ix_turns_delivery")
        connection.execute("ALTER TABLE turns DROP COLUMN delivery")
    database = Database(f"sqlite:///{path}")
    assert not database.rate("message 1", "helped")
    answer(database, "ana", "message 1")
    assert database.rate("message 1", "helped")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM turns").fetchone() == (2,)
