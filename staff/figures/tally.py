"""Counts the turns of each day, so that no page has to count a million of them.

Days before yesterday are counted once and kept. Today is counted anew at most once a minute, and
yesterday, for which only feedback may still come, every ten minutes. A day of which the assistant
has begun to delete turns is not counted anew: the earlier count is the better one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, IntegerField, Max, Min, OuterRef, QuerySet, Value, When
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

Row = TypeVar("Row", Count, Took, Conversations)


@dataclass(frozen=True)
class _Due:
    """A day to count, with the time of its last count and whether this one is its last."""

    day: date
    counted: float | None
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
    open_days = dict(Day.objects.filter(final=False).values_list("day", "counted"))
    day = max(_first(today), today - MOST_DAYS * _A_DAY)
    while day <= today:
        counted = open_days.get(day)
        final = day < today - _A_DAY
        # Only a day that was counted while it was whole has something better to keep.
        keep = counted is not None and start_of(day) < kept_since
        enough = FRESH if day == today else FRESH_YESTERDAY
        fresh = counted is not None and abs(now - counted) < enough
        if final or not (keep or fresh):
            yield _Due(day, counted, final, keep)
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
    counts = [] if due.keep else list(_counts(due.day, turns))
    took = [] if due.keep else list(_took(due.day, turns))
    begun = [] if due.keep else list(_begun(due.day, turns))
    with transaction.atomic():
        Day.objects.get_or_create(day=due.day)
        day = Day.objects.select_for_update().get(day=due.day)
        if day.counted != due.counted:
            return  # Somebody else's page counted it meanwhile.
        if not due.keep:
            _replace(Count, due.day, counts)
            _replace(Took, due.day, took)
            _replace(Conversations, due.day, begun)
        day.counted, day.final = now, due.final
        day.save()


def _replace(model: type[Row], day: date, rows: list[Row]) -> None:
    """Make these the rows of a day. Few differ from a minute ago, and only those are written."""
    names = [field.name for field in model._meta.fields if not field.primary_key]
    new = {tuple(getattr(row, name) for name in names): row for row in rows}
    known = {tuple(old[1:]): old[0] for old in model.objects.filter(day=day).values_list("pk", *names)}
    gone = [key for values, key in known.items() if values not in new]
    model.objects.filter(pk__in=gone).delete()
    model.objects.bulk_create([row for values, row in new.items() if values not in known], batch_size=2000)


def _counts(day: date, turns: QuerySet[Turn]) -> Iterator[Count]:
    alike = ("intent", "channel", "language", "decision")
    groups = turns.values(*alike, rated=Coalesce("feedback", Value(""))).annotate(number=CountOf("pk"))
    for group in groups.order_by():
        number, rated = group.pop("number"), group.pop("rated")
        yield Count(day=day, turns=number, feedback=rated, **group)


def _took(day: date, turns: QuerySet[Turn]) -> Iterator[Took]:
    bucket = Case(
        *(When(took__lt=bound, then=Value(place)) for place, bound in enumerate(BOUNDS)),
        default=Value(len(BOUNDS)),
        output_field=IntegerField(),
    )
    timed = turns.filter(took__isnull=False)
    for group in timed.values(bucket=bucket).annotate(number=CountOf("pk")).order_by():
        yield Took(day=day, bucket=group["bucket"], turns=group["number"])


def _begun(day: date, turns: QuerySet[Turn]) -> Iterator[Conversations]:
    """Count the conversations whose first turn is of this day, by that turn's channel and language."""
    earlier = Turn.objects.filter(conversation=OuterRef("conversation"), pk__lt=OuterRef("pk"))
    groups = turns.filter(~Exists(earlier)).values("channel", "language").annotate(number=CountOf("pk"))
    for group in groups.order_by():
        number = group.pop("number")
        yield Conversations(day=day, begun=number, **group)
