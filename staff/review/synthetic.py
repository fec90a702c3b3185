"""Invented conversations in any number, for tests of speed."""

from __future__ import annotations

import csv
import io
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from bot.content import FAQ, LANGUAGES, URGENT, load_catalogue
from bot.settings import content_folder
from bot.storage.search import words_of
from bot.understanding import ANSWER, CHOICES, DIALOGUE, FALLBACK_INTENT, NONE_OF_THESE, UNKNOWN
from staff.review.models import Turn

DAYS = 28
_BATCH = 25_000

#: So many conversations go on at the same time; each ends after a turn with this probability.
_OPEN, _ENDS = 12, 0.3

#: In percent, as the other shares.
_DECISIONS = {ANSWER: 62, CHOICES: 12, UNKNOWN: 9, DIALOGUE: 14, URGENT: 3}
_CONFIDENCE: Mapping[str, tuple[float, float]] = {
    ANSWER: (0.6, 1.0),
    CHOICES: (0.2, 0.6),
    UNKNOWN: (0.0, 0.3),
    DIALOGUE: (0.5, 1.0),
    URGENT: (0.3, 1.0),
}
_CHANNELS = {"website": 70, "sms": 20, "whatsapp": 10}
_FEEDBACK = {None: 88.0, "helped": 8.4, "not_helped": 2.4, "outdated": 0.6, "wrong": 0.6}
_DETECTED = {"": 93.0, "mixed": 2.5, "und": 2.5, "pt": 1.0, "ht": 0.6, "fr": 0.4}
_LABELS = ("follow-up", "for-lawyer", "missing-answer", "praise")
_TURN_COLUMNS = (
    "id, conversation, timestamp, channel, language, detected, decision, intent, confidence, "
    "candidates, text, redacted, feedback, took"
)
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "ro",
    "su",
    "ta",
    "ve",
    "xi",
    "zo",
    "pra",
    "tri",
    "clo",
    "gue",
]


@dataclass(frozen=True)
class _Question:
    text: str
    language: str
    intent: str
    near: tuple[str, ...]


class Maker:
    """Makes turns and the rows that belong to them. The same seed makes the same."""

    def __init__(self, seed: int, keep: Callable[[str], bool]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - invents, keeps no secret
        self._keep = keep
        self._questions = _questions()
        self._open: list[str] = []
        self._known: dict[str, set[str]] = {}

    def write(self, number: int, now: float | None = None) -> None:
        """Add `number` turns, spread over the last weeks, in the order in which they came."""
        now = time.time() if now is None else now
        first = (Turn.objects.aggregate(last=Max("id"))["last"] or 0) + 1
        step = DAYS * 86_400 / number
        _prepare()
        start = now - DAYS * 86_400
        for begin in range(0, number, _BATCH):
            turns, words, conversations, reviews = [], [], [], []
            for index in range(begin, min(begin + _BATCH, number)):
                conversation, new = self._conversation()
                moment = start + (index + self._random.random()) * step
                turn = self._turn(first + index, conversation, moment)
                turns.append(turn)
                if new:
                    conversations.append((conversation, now, "{}"))
                    if self._random.random() < 0.03:
                        reviews.append((conversation, now, self._random.choice(_LABELS)))
                if turn[10] is not None:
                    words += [(word, turn[0], conversation) for word in self._words(turn[10])]
            words.sort()
            with transaction.atomic():
                _insert("turns", _TURN_COLUMNS, turns)
                _insert("words", "word, turn, conversation", words)
                _insert("conversations", "id, updated, slots", conversations)
                _insert("reviews", "conversation, reviewed, labels", reviews)
        _go_on_counting()

    def _conversation(self) -> tuple[str, bool]:
        """Return the conversation of the next turn, and whether it begins."""
        draw = self._random
        if len(self._open) < _OPEN:
            self._open.append(f"{draw.getrandbits(256):064x}")
            return self._open[-1], True
        place = draw.randrange(_OPEN)
        if draw.random() < _ENDS:
            self._open[place] = f"{draw.getrandbits(256):064x}"
            return self._open[place], True
        return self._open[place], False

    def _turn(self, number: int, conversation: str, moment: float) -> tuple[Any, ...]:
        draw = self._random
        decision = _one(draw, _DECISIONS)
        question = draw.choice(self._questions[URGENT if decision == URGENT else FAQ])
        low, high = _CONFIDENCE[decision]
        confidence = round(low + (high - low) * draw.random() ** 0.6, 4)
        intent, text = question.intent, question.text
        if decision == DIALOGUE:
            intent = draw.choice((NONE_OF_THESE, "greet", "thanks", "feedback_helped"))
            text = "hola" if question.language == "es" else "hello"
        elif decision in (CHOICES, UNKNOWN):
            intent = FALLBACK_INTENT
        # Most people use words of their own now and then.
        if draw.random() < 0.3:
            text = f"{text} {''.join(draw.choices(_SYLLABLES, k=3))}"
        shares = [confidence, confidence / 4, confidence / 9]
        candidates = [
            {"intent": name, "confidence": round(share, 4)}
            for name, share in zip((question.intent, *question.near), shares, strict=True)
        ]
        feedback = _one(draw, _FEEDBACK) if decision in (ANSWER, URGENT) else None
        return (
            number,
            conversation,
            moment,
            _one(draw, _CHANNELS),
            question.language,
            _one(draw, _DETECTED) or question.language,
            decision,
            intent,
            confidence,
            json.dumps(candidates),
            text if self._keep(decision) else None,
            "",
            feedback,
            round(0.02 + draw.random() * 0.1, 3),
        )

    def _words(self, text: str) -> Iterable[str]:
        """Return the words of a text; those of a question are remembered, its last word may be new."""
        begin, _space, last = text.rpartition(" ")
        if begin not in self._known:
            self._known[begin] = words_of(begin)
        return self._known[begin] | words_of(last)


def _questions() -> Mapping[str, Sequence[_Question]]:
    entries = list(load_catalogue(content_folder()).entries.values())
    by_kind: dict[str, list[_Question]] = {FAQ: [], URGENT: []}
    for place, entry in enumerate(entries):
        near = tuple(entries[(place + step) % len(entries)].intent for step in (1, 2))
        by_kind[URGENT if entry.urgent else FAQ] += [
            _Question(example.text, example.language, entry.intent, near)
            for example in entry.examples
            if example.language in LANGUAGES
        ]
    return by_kind


def _one(draw: random.Random, shares: Mapping[Any, float]) -> Any:
    left = draw.random() * 100
    for value, share in shares.items():
        left -= share
        if left < 0:
            return value
    return next(iter(shares))


def _prepare() -> None:
    """Give SQLite room: otherwise it reads the index of words from the disk again and again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -400000")


def _insert(table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    """Add many rows in the fastest way of the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            file = io.StringIO()
            csv.writer(file).writerows(_csv(rows))
            file.seek(0)
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", file)
        elif rows:
            places = ", ".join(["%s"] * len(rows[0]))
            sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - names from here
            cursor.executemany(sql, rows)


def _csv(rows: Sequence[Sequence[Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield ["\\N" if value is None else value for value in row]


def _go_on_counting() -> None:
    """Let the database number the next turn after those that were numbered here."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('turns', 'id'), max(id)) FROM turns")
            cursor.execute("ANALYZE")
