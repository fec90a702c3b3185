"""Shares with their uncertainty, and calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Standard normal quantile of a two-sided 95 % interval.
_Z = 1.959964


@dataclass(frozen=True)
class Rate:
    """`count` of `total`, with Wilson's score interval (Wilson 1927, JASA 22:209)."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing is 0."""
        return self.count / self.total if self.total else 0.0

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval."""
        return max(0.0, self._center - self._half)

    @property
    def high(self) -> float:
        """The upper end of the 95 % interval."""
        return min(1.0, self._center + self._half)

    @property
    def _center(self) -> float:
        if not self.total:
            return 0.5
        return (self.value + _Z**2 / (2 * self.total)) / (1 + _Z**2 / self.total)

    @property
    def _half(self) -> float:
        if not self.total:
            return 0.5
        spread = self.value * (1 - self.value) / self.total + _Z**2 / (4 * self.total**2)
        return _Z * math.sqrt(spread) / (1 + _Z**2 / self.total)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "share": round(self.value, 4),
            "count": self.count,
            "of": self.total,
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Return the mean distance between confidence and accuracy (Guo et al. 2017, arXiv:1706.04599)."""
    if not confidences:
        return 0.0
    error = 0.0
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        members = [
            (c, r)
            for c, r in zip(confidences, right, strict=True)
            if low < c <= high or (index == 0 and c == 0)
        ]
        if members:
            confidence = sum(c for c, _ in members) / len(members)
            accuracy = sum(r for _, r in members) / len(members)
            error += abs(confidence - accuracy) * len(members) / len(confidences)
    return error
