"""Small counts may point to one person, so none from 1 to 4 is shown, nor can be worked out.

A count that is not shown beside the others could be had by subtracting them from their total. So
others are left out as well, the smallest first, until more than one value is possible for each.
That is judged for a reader who knows the total and what each sign means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from django.utils.translation import gettext as _

#: The least count that is shown.
LEAST = 5

#: Under this total no parts are shown when one of them is small: too few numbers fit the rest.
LEAST_TOTAL = 20


@dataclass(frozen=True)
class Shown:
    """A count as it may be shown: with its value, as a small one, or not at all."""

    value: int | None
    small: bool = False

    @property
    def drawn(self) -> int:
        """The length of its bar in a chart."""
        return self.value or 0

    def __str__(self) -> str:
        if self.value is not None:
            # In the United States Spanish writes numbers as English does.
            return f"{self.value:,}"
        return _("<5") if self.small else _("not shown")


SMALL = Shown(None, small=True)
HIDDEN = Shown(None)


def show(count: int) -> Shown:
    """Return a count that stands alone as it may be shown."""
    return SMALL if 0 < count < LEAST else Shown(count)


def suppress(counts: Sequence[int]) -> list[Shown]:
    """Return the parts of a total that is known as they may be shown beside it."""
    small = {place for place, count in enumerate(counts) if 0 < count < LEAST}
    total = sum(counts)
    if not small:
        return [Shown(count) for count in counts]
    if total < LEAST:
        return [show(count) for count in counts]
    if total < LEAST_TOTAL:
        return [HIDDEN] * len(counts)
    large = sorted((place for place, count in enumerate(counts) if count >= LEAST), key=lambda p: counts[p])
    hidden: set[int] = set()
    while not _open(counts, small, hidden, large):
        if large:
            hidden.add(large.pop(0))
        elif len(small) + len(hidden) < len(counts):
            # As a last resort "less than 5" means 0 as well.
            return [HIDDEN if count >= LEAST else SMALL for count in counts]
        else:
            return [HIDDEN] * len(counts)
    return [
        SMALL if place in small else HIDDEN if place in hidden else Shown(count)
        for place, count in enumerate(counts)
    ]


def _open(counts: Sequence[int], small: set[int], hidden: set[int], large: Sequence[int]) -> bool:
    """Return whether each small count could be more than one number, with the total known.

    A reader knows that small ones are from 1 to 4, and hidden ones from 5 to the least shown.
    """
    number = len(small)
    rest = sum(counts[place] for place in small | hidden)
    most = counts[large[0]] if large else inf
    low = max(number, rest - most * len(hidden) if hidden else rest)
    high = min((LEAST - 1) * number, rest - LEAST * len(hidden))
    return high > low or (number > 1 and number < low < (LEAST - 1) * number)
