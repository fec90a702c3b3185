"""How the assistant's times grow with entries, with one conversation and with stored ones."""

from __future__ import annotations

import dataclasses
import random
import sqlite3
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.serving import Running
from bot.content import Catalogue
from bot.matcher import LabelledExample
from bot.understander import Understander

ENTRIES = (200, 500, 1_000, 2_000)
TURNS = (5, 50, 100, 250, 500)
STORED = (1_000, 10_000, 100_000)

Curve = list[tuple[int, float]]


def by_entries(catalogue: Catalogue, examples: Sequence[LabelledExample], questions: Sequence[str]) -> Curve:
    """Return (entries, median seconds of understanding one message).

    Entries beyond the real ones have examples of words drawn from the real ones.
    """
    draw = random.Random(1)
    words = sorted({word for example in examples for word in example.text.split()})
    model = next(iter(catalogue.entries.values()))
    curve = []
    for size in ENTRIES:
        more = [f"faq/invented_{number}" for number in range(size - len(catalogue.entries))]
        entries = dict(catalogue.entries)
        invented = []
        for intent in more:
            titles = {language: " ".join(draw.sample(words, 6)) for language in ("en", "es")}
            entries[intent] = dataclasses.replace(model, intent=intent, title=titles, related=())
            invented += [
                LabelledExample(" ".join(draw.sample(words, draw.randint(3, 12))), intent, language)
                for language in ("en", "es", "en", "es")
            ]
        understander = Understander.train(
            [*examples, *invented], dataclasses.replace(catalogue, entries=entries)
        )
        times = []
        for question in questions:
            started = time.perf_counter()
            understander.understand(question)
            times.append(time.perf_counter() - started)
        curve.append((size, statistics.median(times)))
    return curve


def by_turns(server: Running, questions: Sequence[str]) -> Curve:
    """Return (turn, median seconds over the ten turns before it) of one long conversation."""
    times = []
    for number in range(max(TURNS)):
        started = time.perf_counter()
        server.say(questions[number % len(questions)], "one long conversation")
        times.append(time.perf_counter() - started)
    return [(turn, statistics.median(times[max(0, turn - 10) : turn])) for turn in TURNS]


def by_stored(server: Running, database: Path, questions: Sequence[str]) -> Curve:
    """Return (stored conversations, median seconds of a message to a new one)."""
    curve = []
    for size in STORED:
        _fill(database, size)
        curve.append((size, statistics.median(server.times(questions, f"beside {size}"))))
    return curve


def _fill(database: Path, size: int) -> None:
    """Copy a real conversation until there are `size`."""
    with sqlite3.connect(database, timeout=60) as connection:
        model = connection.execute("SELECT id FROM conversations LIMIT 1").fetchone()[0]
        now = connection.execute("SELECT count(*) FROM conversations").fetchone()[0]
        columns = {
            table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
            for table in ("events", "turns")
        }
        for number in range(now, size):
            name = f"copy-{number}"
            connection.execute(
                "INSERT OR IGNORE INTO conversations "
                "SELECT ?, updated, slots FROM conversations WHERE id = ?",
                (name, model),
            )
            for table, names in columns.items():
                listed = ", ".join(names)
                values = ", ".join("?" if column == "conversation" else column for column in names)
                connection.execute(
                    f"INSERT INTO {table} ({listed}) SELECT {values} FROM {table} WHERE conversation = ?",
                    (name, model),
                )
