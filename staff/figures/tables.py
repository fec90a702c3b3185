"""The tables of the dashboard. Charts and the export are drawn from the same ones.

The parts form a tree: questions have decisions, answers have topics, topics have entries. The parts
of a number are shown only if the number itself is, so that no level gives away another one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from bot.content import FAQ, URGENT
from staff.figures import words
from staff.figures.entries import Head, topic_name
from staff.figures.numbers import Numbers, Outcomes, Span, decisions
from staff.figures.suppression import HIDDEN, Shown, suppress

Key = TypeVar("Key")


@dataclass(frozen=True)
class Cell:
    """A number, and the address of its conversations."""

    shown: Shown
    link: str


@dataclass(frozen=True)
class Row:
    """What is counted, and its numbers. `percent` is its share of all, where that may be shown."""

    key: str
    name: str
    cells: tuple[Cell, ...]
    percent: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows with one name and one number or more each. `kind` is how a chart draws it."""

    id: str
    title: str
    first: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    kind: str = "bar"

    @property
    def empty(self) -> bool:
        """Whether nothing was counted."""
        return all(cell.shown == Shown(0) for row in self.rows for cell in row.cells)

    @property
    def left_out(self) -> bool:
        """Whether a chart draws a number as 0 that is not."""
        return any(cell.shown.value is None for row in self.rows for cell in row.cells)


def link(span: Span, **query: str) -> str:
    """Return the address of the conversations in a span of days."""
    dates = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    return f"{reverse('review:list')}?{urlencode(dates | query)}"


def per_day(numbers: Numbers) -> Table:
    """Return questions and conversations of each day."""
    days = numbers.span.days
    questions = suppress([numbers.questions.get(day, 0) for day in days])
    begun = suppress([numbers.conversations.get(day, 0) for day in days])
    rows = [
        Row(
            day.isoformat(),
            day.isoformat(),
            (Cell(asked, link(Span(day, day))), Cell(new, link(Span(day, day)))),
        )
        for day, asked, new in zip(days, questions, begun, strict=True)
    ]
    columns = (_("Questions"), _("Conversations begun"))
    return Table("days", _("Questions and conversations a day"), _("Day"), columns, tuple(rows), "line")


def by_language(numbers: Numbers) -> Table:
    """Return questions by language."""
    return _parts("language", _("Languages"), _("Language"), words.LANGUAGES, numbers.languages, numbers.span)


def by_channel(numbers: Numbers) -> Table:
    """Return questions by channel."""
    return _parts("channel", _("Channels"), _("Channel"), words.CHANNELS, numbers.channels, numbers.span)


def by_decision(numbers: Numbers) -> Table:
    """Return questions by what became of them."""
    title, first = _("What became of the questions"), _("Decision")
    counts = dict.fromkeys(words.DECISIONS, 0) | dict(decisions(numbers.outcomes))
    return _parts("decision", title, first, words.DECISIONS, counts, numbers.span)


def by_feedback(numbers: Numbers) -> Table:
    """Return what people said about the answers."""
    counts = dict.fromkeys(words.FEEDBACK, 0) | dict(numbers.feedback)
    return _parts("feedback", _("Feedback"), _("Feedback"), words.FEEDBACK, counts, numbers.span)


def by_topic(numbers: Numbers, heads: Mapping[str, Head]) -> Table:
    """Return the answered questions by topic."""
    shown = Tree.of(numbers.outcomes, heads).topics
    rows = [
        Row(
            topic,
            topic_name(topic) if topic else _("answers that are gone"),
            (Cell(number, link(numbers.span, topic=topic, decision="answer")),),
        )
        for topic, number in shown.items()
    ]
    ranked = sorted(rows, key=lambda row: (-row.cells[0].shown.drawn, row.name))
    return Table("topic", _("Topics of the answers"), _("Topic"), (_("Questions"),), tuple(ranked))


def top_entries(numbers: Numbers, heads: Mapping[str, Head], most: int = 10) -> Table:
    """Return the entries that answered most often; those that may not be shown are left out."""
    shown = Tree.of(numbers.outcomes, heads).entries
    ranked = sorted(((s.value, key) for key, s in shown.items() if s.value), reverse=True)
    rows = [
        _entry_row(key, heads, (Cell(Shown(value), _entry_link(numbers.span, key)),)) for value, key in ranked
    ]
    return Table("entry", _("Most frequent answers"), _("Answer"), (_("Questions"),), tuple(rows[:most]))


def rising(
    week: tuple[Span, Outcomes], before: tuple[Span, Outcomes], heads: Mapping[str, Head], most: int = 10
) -> Table:
    """Return the entries that answered more often than in the days before, steepest first."""
    recent = Tree.of(week[1], heads).entries
    earlier = Tree.of(before[1], heads).entries
    found = []
    for key, shown in recent.items():
        old = earlier.get(key, Shown(0))
        # Two stands for a small number: its true value must not be seen from the order either.
        past = old.value if old.value is not None else 2
        if shown.value and old != HIDDEN and shown.value > past:
            found.append((shown.value / (past + 1), key, shown, old))
    rows = [
        _entry_row(
            key, heads, (Cell(shown, _entry_link(week[0], key)), Cell(old, _entry_link(before[0], key)))
        )
        for _steep, key, shown, old in sorted(found, key=lambda item: (-item[0], item[1]))
    ]
    columns = (_("Last 7 days"), _("7 days before"))
    return Table("rising", _("Rising questions"), _("Answer"), columns, tuple(rows[:most]))


@dataclass(frozen=True)
class Tree:
    """Topics and entries as they may be shown; entries are keyed by decision and intent."""

    topics: Mapping[str, Shown]
    entries: Mapping[tuple[str, str], Shown]

    @classmethod
    def of(cls, outcomes: Outcomes, heads: Mapping[str, Head]) -> Tree:
        """Go from the decisions down to the entries."""
        sums_of = decisions(outcomes)
        shown = dict(zip(sums_of, suppress(list(sums_of.values())), strict=True))
        counts = {key: number for key, number in outcomes.items() if key[0] in ("answer", "urgent")}
        # All entries count, with 0 too, for what is not in the list is known to be 0.
        everything = {(_decision(intent), intent): 0 for intent in heads} | counts
        families: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for decision, intent in everything:
            head = heads.get(intent)
            topic = head.topic if head and decision == "answer" else ""
            families[decision, topic].append((decision, intent))
        sums = {
            topic: sum(everything[key] for key in keys)
            for (decision, topic), keys in families.items()
            if decision == "answer"
        }
        if not sums.get(""):
            sums.pop("", None)
        topics = _below(shown.get("answer", Shown(0)), sums)
        entries: dict[tuple[str, str], Shown] = {}
        for (decision, topic), keys in families.items():
            parent = topics.get(topic, Shown(0)) if decision == "answer" else shown.get(decision, Shown(0))
            entries.update(_below(parent, {key: everything[key] for key in keys}))
        return cls(topics, entries)


def _below(parent: Shown, counts: Mapping[Key, int]) -> dict[Key, Shown]:
    """Return the parts of a number as they may be shown."""
    if parent.value is None:
        return {key: HIDDEN if count else Shown(0) for key, count in counts.items()}
    return dict(zip(counts, suppress(list(counts.values())), strict=True))


def _decision(intent: str) -> str:
    return "urgent" if intent.startswith(f"{URGENT}/") else "answer"


def _parts(
    query: str, title: str, first: str, names: words.Words, counts: Mapping[str, int], span: Span
) -> Table:
    total = sum(counts.values())
    rows = [
        Row(
            key,
            words.name(names, key),
            (Cell(shown, link(span, **{query: key})),),
            round(100 * shown.value / total) if shown.value is not None and total else None,
        )
        for key, shown in zip(counts, suppress(list(counts.values())), strict=True)
    ]
    return Table(query, title, first, (_("Questions"),), tuple(rows))


def _entry_row(key: tuple[str, str], heads: Mapping[str, Head], cells: tuple[Cell, ...]) -> Row:
    intent = key[1]
    return Row(intent, str(heads.get(intent, intent)), cells)


def _entry_link(span: Span, key: tuple[str, str]) -> str:
    decision, intent = key
    return link(span, entry=intent.removeprefix(f"{FAQ}/"), decision=decision)
