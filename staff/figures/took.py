"""How long replies take: fixed buckets, which can be added up over days, and shares of them."""

from __future__ import annotations

from collections.abc import Mapping

#: Upper bounds of the buckets in seconds; the last bucket has none.
BOUNDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return about how many seconds this share of the replies took at most; None without any.

    Inside a bucket replies are taken as spread evenly.
    """
    wanted = share * sum(buckets.values())
    seen = 0
    for bucket in sorted(buckets):
        number = buckets[bucket]
        if number and seen + number >= wanted:
            if bucket >= len(BOUNDS):
                return BOUNDS[-1]
            low = BOUNDS[bucket - 1] if bucket else 0.0
            return low + (BOUNDS[bucket] - low) * (wanted - seen) / number
        seen += number
    return None
