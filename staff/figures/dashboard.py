"""Puts the dashboard together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from staff.figures import tables, tally
from staff.figures.charts import Chart
from staff.figures.entries import Head, heads
from staff.figures.numbers import Span, outcomes, read
from staff.figures.suppression import show
from staff.figures.tables import Cell, Table
from staff.figures.took import quantile

PERIODS = (7, 30, 90)

#: Answers whose review falls due within so many days are named.
SOON = 30

#: From fewer replies no share of them is told.
_LEAST_TIMED = 20

_MOST_DUE = 20


@dataclass(frozen=True)
class Due:
    """An answer that must be reviewed until a day."""

    head: Head
    day: date
    overdue: bool


@dataclass(frozen=True)
class Dashboard:
    """All figures of a period as they may be shown. Times are in seconds, written out."""

    span: Span
    questions: Cell
    conversations: Cell
    decisions: Table
    per_day: Table
    parts: tuple[Table, ...]
    top: Table
    rising: Table
    median: str
    slow: str
    due: tuple[Due, ...]
    due_more: int

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in the order of the page."""
        return (self.per_day, self.decisions, *self.parts, self.top, self.rising)

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The tables that are drawn too."""
        return tuple(Chart(table) for table in (self.decisions, *self.parts))

    @property
    def chart_of_days(self) -> Chart:
        """The widest chart."""
        return Chart(self.per_day)


def dashboard(days: int, today: date) -> Dashboard:
    """Return the figures of so many days, today the last."""
    known = heads()
    span = Span.until(today, days)
    numbers = read(span)
    week = Span.until(today, 7)
    before = Span.until(week.first - timedelta(days=1), 7)
    timed = sum(numbers.took.values()) >= _LEAST_TIMED
    due = due_entries(known, today)
    return Dashboard(
        span=span,
        questions=Cell(show(sum(numbers.questions.values())), tables.link(span)),
        conversations=Cell(show(sum(numbers.conversations.values())), tables.link(span)),
        decisions=tables.by_decision(numbers),
        per_day=tables.per_day(numbers),
        parts=(
            tables.by_topic(numbers, known),
            tables.by_language(numbers),
            tables.by_channel(numbers),
            tables.by_feedback(numbers),
        ),
        top=tables.top_entries(numbers, known),
        rising=tables.rising((week, outcomes(week)), (before, outcomes(before)), known),
        median=_seconds(quantile(numbers.took, 0.5)) if timed else "",
        slow=_seconds(quantile(numbers.took, 0.95)) if timed else "",
        due=due[:_MOST_DUE],
        due_more=len(due[_MOST_DUE:]),
    )


def due_entries(known: Mapping[str, Head], today: date) -> tuple[Due, ...]:
    """Return the answers whose review is overdue or falls due soon, the first first."""
    found = []
    for head in known.values():
        try:
            day = date.fromisoformat(head.review_by)
        except ValueError:
            continue  # The check of the content refuses it.
        if day <= today + timedelta(days=SOON):
            found.append(Due(head, day, day < today))
    return tuple(sorted(found, key=lambda due: (due.day, due.head.id)))


def current(days: int, now: float | None = None) -> Dashboard:
    """Bring the tally up to date and return the figures of so many days."""
    now = time.time() if now is None else now
    tally.bring_up_to_date(now)
    return dashboard(days, tally.day_of(now))


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f}"
