"""How often somebody may write."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class RateLimit:
    """A token bucket per key, in memory: `per_minute` at once, then as they refill."""

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    _swept: float = 0.0

    def allow(self, key: str) -> bool:
        """Take one token; False when there is none."""
        now = self.clock()
        if now - self._swept > 60:
            # A bucket that rested for a minute is full again, as good as a new one.
            self._buckets = {k: b for k, b in self._buckets.items() if now - b[1] < 60}
            self._swept = now
        tokens, then = self._buckets.get(key, (float(self.per_minute), now))
        tokens = min(self.per_minute, tokens + (now - then) * self.per_minute / 60)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return allowed
