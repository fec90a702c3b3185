"""What is remembered of senders, on a real database."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.privacy import Pseudonyms
from bot.storage.database import Database
from bot.storage.phones import Contact, PhoneBook

OLD, NEW = "the old secret, long enough to be one", "the new secret, long enough to be one"
NUMBER = "+14155550100"


@pytest.fixture()
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'conoce.sqlite3'}")


def test_a_stop_outlives_a_change_of_keys_and_an_erasure(database: Database) -> None:
    book = PhoneBook(database)
    before = Pseudonyms(OLD).all("sms", NUMBER)
    book.change(before[0], stopped=1.0, welcomed=time.time(), language="es", told_limit=2.0)
    during = Pseudonyms(NEW, OLD).all("sms", NUMBER)
    assert book.open(during, "first")[0].stopped
    after = Pseudonyms(NEW).all("sms", NUMBER)
    contact, _ = book.open(after, "second")
    assert contact.stopped and contact.welcomed
    book.erase(after[0])
    assert book.open(after, "third")[0] == Contact(after[0], stopped=True)


def test_a_stop_is_kept_when_both_keys_know_the_sender(database: Database) -> None:
    book = PhoneBook(database)
    names = Pseudonyms(NEW, OLD).all("sms", NUMBER)
    book.change(names[1], stopped=1.0)
    book.change(names[0], welcomed=1.0)
    assert book.open(names, "x")[0].stopped


def test_late_answers_come_once_and_before_the_next(database: Database) -> None:
    book = PhoneBook(database)
    book.put_late("ana", ["one", "two"])
    assert book.open(["ana"], "d1")[0].waiting
    assert not book.open(["luis"], "d1")[0].waiting
    assert book.close("ana", "d1", ["three"], 1) == ["one", "two", "three"]
    assert book.close("ana", "d2", ["four"], 1) == ["four"]
    _, delivery = book.open(["ana"], "d1")
    assert delivery is not None
    assert delivery.texts == ("one", "two", "three")


def test_erasure_takes_the_replies_along(database: Database) -> None:
    book = PhoneBook(database)
    book.close("ana", "d1", ["zanahoria"], 1)
    book.put_late("ana", ["zanahoria"])
    book.erase("ana")
    assert book.open(["ana"], "d1") == (Contact("ana"), None)
    path = Path(database.url.removeprefix("sqlite:///"))
    assert not any(b"zanahoria" in file.read_bytes() for file in path.parent.iterdir())


def test_segments_of_a_day_are_counted(database: Database) -> None:
    book = PhoneBook(database)
    book.close("ana", "d1", ["x"], 2)
    book.close("luis", "d2", ["x"], 3)
    assert book.spent() == 5


def test_purging_keeps_stops_only(database: Database) -> None:
    book = PhoneBook(database)
    book.change("ana", welcomed=1.0, stopped=2.0)
    book.change("luis", welcomed=1.0)
    book.change("kim", welcomed=time.time())
    book.close("kim", "d1", ["x"], 1)
    database.purge(30)
    assert book.open(["ana"], "")[0] == Contact("ana", stopped=True)
    assert book.open(["luis"], "")[0] == Contact("luis")
    assert book.open(["kim"], "")[0].welcomed
    database.purge(30, now=time.time() + 2 * 86_400)
    assert book.open(["kim"], "d1")[1] is None
