"""Reads the tally: plain sums for a span of days. Nothing here may be shown as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum

from staff.figures.models import Conversations, Count, Took

#: How many questions came to which decision and intent.
Outcomes = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both counted."""

    first: date
    last: date

    @classmethod
    def until(cls, last: date, days: int) -> Span:
        """Return the span of so many days that ends with a day."""
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> list[date]:
        """All days, the oldest first."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Numbers:
    """The sums of a span. `outcomes` counts by decision and intent."""

    span: Span
    questions: Mapping[date, int]
    conversations: Mapping[date, int]
    languages: Mapping[str, int]
    channels: Mapping[str, int]
    feedback: Mapping[str, int]
    outcomes: Outcomes
    took: Mapping[int, int]


def read(span: Span) -> Numbers:
    """Add up what was counted in a span."""
    counts = Count.objects.filter(day__range=(span.first, span.last)).order_by()
    languages: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    feedback: Counter[str] = Counter()
    for row in counts.values("language", "channel", "feedback").annotate(n=Sum("turns")):
        languages[row["language"]] += row["n"]
        channels[row["channel"]] += row["n"]
        if row["feedback"]:
            feedback[row["feedback"]] += row["n"]
    took = Took.objects.filter(day__range=(span.first, span.last)).order_by()
    begun = Conversations.objects.filter(day__range=(span.first, span.last)).order_by()
    return Numbers(
        span=span,
        questions=dict(counts.values_list("day").annotate(n=Sum("turns"))),
        conversations=dict(begun.values_list("day").annotate(n=Sum("begun"))),
        languages=languages,
        channels=channels,
        feedback=feedback,
        outcomes=outcomes(span),
        took=dict(took.values_list("bucket").annotate(n=Sum("turns"))),
    )


def outcomes(span: Span) -> Outcomes:
    """Return what became of the questions of a span."""
    counts = Count.objects.filter(day__range=(span.first, span.last)).order_by()
    groups = counts.values_list("decision", "intent").annotate(n=Sum("turns"))
    return {(decision, intent): number for decision, intent, number in groups}


def decisions(found: Outcomes) -> Mapping[str, int]:
    """Return how many questions came to which decision."""
    sums: Counter[str] = Counter()
    for (decision, _intent), number in found.items():
        sums[decision] += number
    return sums
