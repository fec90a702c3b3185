"""Two archives side by side: which questions one gained, which it lost.

Only the understanding is compared, not the conversation around it: that takes seconds, because the
vectors of the questions are remembered, and it is all that a change of the content can move.
"""

from __future__ import annotations

import math
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content import FAQ
from bot.encoder import Encode
from bot.errors import ArchiveError
from bot.evaluation import IN_SCOPE, Row
from bot.intake import take_in
from bot.understander import FILES, Understander
from bot.understanding import ANSWER, URGENT, Understanding

#: With fewer than this chance of being luck, losses count as real (one-sided, McNemar 1947).
LUCK = 0.05


@dataclass(frozen=True)
class Outcome:
    """What became of one question: the entry that was said, or "" and the decision."""

    row: Row
    decision: str
    entry: str

    @property
    def right(self) -> bool:
        """Whether that is what should happen."""
        if self.row.kind == "urgent":
            return self.decision == URGENT
        if self.row.kind in (*IN_SCOPE, "conversation", "harm") and self.row.expect:
            return self.entry in self.row.accepted
        return not self.entry

    @property
    def forbidden(self) -> bool:
        """Whether an answer was given that can harm."""
        return self.entry in self.row.forbidden


@dataclass(frozen=True)
class Comparison:
    """How a candidate does beside the published archive, question by question."""

    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]

    @property
    def gained(self) -> list[tuple[Outcome, Outcome]]:
        """Questions that are right only now."""
        return [(b, a) for b, a in self._pairs if a.right and not b.right]

    @property
    def lost(self) -> list[tuple[Outcome, Outcome]]:
        """Questions that were right only before."""
        return [(b, a) for b, a in self._pairs if b.right and not a.right]

    @property
    def harmful(self) -> list[Outcome]:
        """Forbidden answers that only the candidate gives."""
        return [a for b, a in self._pairs if a.forbidden and not b.forbidden]

    @property
    def worse(self) -> bool:
        """Whether more was lost than luck explains."""
        return luck(len(self.lost), len(self.gained)) < LUCK

    @property
    def _pairs(self) -> list[tuple[Outcome, Outcome]]:
        return list(zip(self.before, self.after, strict=True))

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""

        def said(pairs: Sequence[tuple[Outcome, Outcome]]) -> list[dict[str, str]]:
            return [
                {
                    "text": after.row.text,
                    "expect": after.row.expect,
                    "before": before.entry or before.decision,
                    "after": after.entry or after.decision,
                }
                for before, after in pairs
            ]

        return {
            "questions": len(self.after),
            "right_before": sum(outcome.right for outcome in self.before),
            "right_after": sum(outcome.right for outcome in self.after),
            "gained": said(self.gained),
            "lost": said(self.lost),
            "harmful": said([(outcome, outcome) for outcome in self.harmful]),
            "worse": self.worse,
        }


def luck(lost: int, gained: int) -> float:
    """Return the chance of at least so many losses among the changes if both were as likely."""
    changes = lost + gained
    return sum(math.comb(changes, k) for k in range(lost, changes + 1)) / 2**changes


def outcomes(
    understander: Understander,
    conversations: Sequence[Sequence[Row]],
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[Outcome, ...]:
    """Ask every question; those of a conversation one after the other."""
    found = []
    understander.read_ahead([take_in(row.text).text for rows in conversations for row in rows])
    for number, rows in enumerate(conversations):
        previous: Understanding | None = None
        for row in rows:
            intake = take_in(row.text)
            previous = understander.understand(intake.text, previous, reason=intake.reason)
            answers = previous.decision in (ANSWER, URGENT)
            entry = previous.intent.removeprefix(f"{FAQ}/") if answers else ""
            found.append(Outcome(row, previous.decision, entry))
        progress((number + 1) / len(conversations))
    return tuple(found)


def understander_of(archive: Path, encode: Encode) -> Understander:
    """Read the understanding out of a trained archive. Raises ArchiveError when there is none."""
    try:
        with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as tar:
            for member in tar:
                # By name into one folder: whatever path an archive claims, nothing lands elsewhere.
                if (name := Path(member.name).name) in FILES and (file := tar.extractfile(member)):
                    (Path(folder) / name).write_bytes(file.read())
            return Understander.load(Path(folder), encode)
    except (OSError, tarfile.TarError) as error:
        raise ArchiveError(
            f"The understanding cannot be read from {archive} ({error}): train it again."
        ) from None
