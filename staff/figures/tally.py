"""Counts the turns of each day, so that no page has to count a million of them.

Days before yesterday are counted once and kept. Today is counted anew at most once a minute, and
yesterday, for which only feedback may still come, every ten minutes. A day of which the assistant
has begun to delete turns is not counted anew: the earlier count is the better one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, IntegerField, Max, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models import Count as CountOf
from django.db.models.functions import Coalesce

from staff.figures.models import Conversations, Count, Day, Took
from staff.figures.took import BOUNDS
from staff.review.models import Turn

#: For so many seconds a count of today is good enough.
FRESH = 60.0

#: And so many for yesterday.
FRESH_YESTERDAY = 600.0

#: No page looks further back, and a clock that was wrong must not make us count for years.
MOST_DAYS = 90

_A_DAY = timedelta(days=1)

#: A row without its day.
Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Due:
    """A day to look at, with its last count, whether this is the last time, and whether to keep it."""

    day: date
    before: Day | None
    final: bool
    keep: bool


def day_of(timestamp: float) -> date:
    """Return the day (UTC) of a time in seconds."""
    return datetime.fromtimestamp(timestamp, UTC).date()


def start_of(day: date) -> float:
    """Return when a day (UTC) begins, in seconds."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def bring_up_to_date(now: float | None = None) -> None:
    """Count the days that are not counted yet, or not lately enough."""
    now = time.time() if now is None else now
    for due in _due(now):
        _count(due, now)


def _due(now: float) -> Iterator[_Due]:
    today = day_of(now)
    kept_since = now - settings.INSTALLATION.retention_days * _A_DAY.total_seconds()
    open_days = Day.objects.filter(final=False).in_bulk()
    day = max(_first(today), today - MOST_DAYS * _A_DAY)
    while day <= today:
        before = open_days.get(day)
        counted = before.counted if before else None
        final = day < today - _A_DAY
        # Only a day that was counted while it was whole has something better to keep.
        keep = counted is not None and start_of(day) < kept_since
        enough = FRESH if day == today else FRESH_YESTERDAY
        fresh = counted is not None and abs(now - counted) < enough
        if final or not (keep or fresh):
            yield _Due(day, before, final, keep)
        day += _A_DAY


def _first(today: date) -> date:
    """Return the first day that may have to be counted."""
    last = Day.objects.filter(final=True).aggregate(last=Max("day"))["last"]
    if last:
        return last + _A_DAY
    oldest = Turn.objects.aggregate(oldest=Min("timestamp"))["oldest"]
    return today if oldest is None else day_of(oldest)


def _count(due: _Due, now: float) -> None:
    # Counted before the transaction: the assistant writes meanwhile, and must not wait.
    turns = Turn.objects.filter(timestamp__gte=start_of(due.day), timestamp__lt=start_of(due.day + _A_DAY))
    marks = turns.aggregate(turns=CountOf("pk"), rated=CountOf("feedback"))
    before = due.before or Day(day=due.day)
    same = not due.final and marks == {"turns": before.turns, "rated": before.rated}
    skip = due.keep or same
    counted = [] if skip else [(model, names, set(count(turns))) for model, names, count in _COUNTS]
    with transaction.atomic():
        Day.objects.get_or_create(day=due.day)
        day = Day.objects.select_for_update().get(day=due.day)
        if day.counted != before.counted:
            return  # Somebody else's page counted it meanwhile.
        for model, names, rows in counted:
            _replace(model, names, due.day, rows)
        day.counted, day.final, day.turns, day.rated = now, due.final, marks["turns"], marks["rated"]
        day.save()


def _replace(model: Any, names: Sequence[str], day: date, rows: set[Row]) -> None:
    """Make these the rows of a day. Few differ from a minute ago, and only those are written."""
    known = {tuple(old[1:]): old[0] for old in model.objects.filter(day=day).values_list("pk", *names)}
    model.objects.filter(pk__in=[key for row, key in known.items() if row not in rows]).delete()
    new = (model(day=day, **dict(zip(names, row, strict=True))) for row in rows if row not in known)
    model.objects.bulk_create(new, batch_size=2000)


def _alike(turns: QuerySet[Turn]) -> Iterable[Row]:
    alike = ("intent", "channel", "language", "decision")
    return turns.order_by().values_list(*alike, Coalesce("feedback", Value(""))).annotate(n=CountOf("pk"))


def _took(turns: QuerySet[Turn]) -> Iterable[Row]:
    bucket = Case(
        *(When(took__lt=bound, then=Value(place)) for place, bound in enumerate(BOUNDS)),
        default=Value(len(BOUNDS)),
        output_field=IntegerField(),
    )
    return turns.filter(took__isnull=False).order_by().values_list(bucket).annotate(n=CountOf("pk"))


def _begun(turns: QuerySet[Turn]) -> Iterable[Row]:
    """Count the conversations whose first turn is among these, by its channel and language."""
    first_here = turns.order_by().values("conversation").annotate(first=Min("pk")).values("first")
    # Counted, because PostgreSQL answers NOT EXISTS by reading the whole table.
    same = Turn.objects.filter(conversation=OuterRef("conversation"), pk__lt=OuterRef("pk")).order_by()
    earlier = same.values("conversation").annotate(n=CountOf("pk")).values("n")
    begun = Turn.objects.filter(pk__in=first_here).alias(earlier=Subquery(earlier)).filter(earlier=None)
    return begun.order_by().values_list("channel", "language").annotate(n=CountOf("pk"))


#: What is counted into which columns of which table.
_COUNTS: tuple[tuple[Any, tuple[str, ...], Callable[[QuerySet[Turn]], Iterable[Row]]], ...] = (
    (Count, ("intent", "channel", "language", "decision", "feedback", "turns"), _alike),
    (Took, ("bucket", "turns"), _took),
    (Conversations, ("channel", "language", "begun"), _begun),
)
