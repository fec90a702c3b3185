"""The turns that need somebody, by the reason why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Mod
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from bot.understanding import ANSWER, CHOICES, NONE_OF_THESE, UNKNOWN, URGENT
from staff.review.filters import plain
from staff.review.listing import newest
from staff.review.models import Treatment, Turn

#: Below this an answer is worth a look: the assistant answers from 0.6 (data/matching.yml).
LOW_CONFIDENCE = 0.75

#: The share of confident answers that is looked at where all texts are kept.
SAMPLE = 0.05

#: So many are shown and grouped; counts end at `COUNTED`.
SHOWN = 500
COUNTED = 1_000

#: A prime and its golden section: multiples of the second lie evenly between 0 and the first.
_PRIME, _SPREAD = 2_147_483_647, 1_327_217_885


@dataclass(frozen=True)
class Item:
    """A question that needs somebody. `turns` are all that one action treats, its own first."""

    turn: Turn
    turns: tuple[int, ...]

    @property
    def text(self) -> str:
        """What was asked."""
        return self.turn.text or ""


@dataclass(frozen=True)
class Queue:
    """A reason to look at a turn; `streams` are its turns as sets that an index gives in order."""

    name: str
    title: Any
    hint: Any
    streams: Callable[[], list[QuerySet[Turn]]]

    def items(self, limit: int = SHOWN) -> list[Item]:
        """Return the newest that nobody treated."""
        return [Item(turn, (turn.id,)) for turn in newest(self._open(), limit)]

    def count(self) -> int:
        """Return how many nobody treated; COUNTED + 1 stands for more."""
        left = COUNTED + 1
        for stream in self._open():
            left -= stream.order_by().values("id")[:left].count()
            if left <= 0:
                break
        return COUNTED + 1 - left

    def _open(self) -> list[QuerySet[Turn]]:
        return [untreated(stream.filter(text__isnull=False)) for stream in self.streams()]


class RefusedQueue(Queue):
    """Choices that somebody refused: the question is the turn before the refusal."""

    def items(self, limit: int = SHOWN) -> list[Item]:
        """Return the questions to which no choice fitted, each with its refusal."""
        pairs = self._pairs()[:limit]
        turns = Turn.objects.in_bulk([question for question, _refusal in pairs])
        return [Item(turns[pair[0]], pair) for pair in pairs if pair[0] in turns]

    def count(self) -> int:
        """Return how many there are."""
        return len(self._pairs())

    def _pairs(self) -> list[tuple[int, int]]:
        """Return the newest questions and their refusals by id."""
        (stream,) = self.streams()
        refusals = untreated(stream).order_by("-timestamp", "-id").values_list("id", "conversation")
        newest_ = list(refusals[: COUNTED + 1])
        # The conversations are the fewer: no index of the decision must be taken for them.
        offered = untreated(Turn.objects.filter(Exact(plain("decision"), CHOICES), text__isnull=False))
        offered = offered.filter(conversation__in={conversation for _id, conversation in newest_})
        before: dict[str, list[int]] = {}
        for turn, conversation in offered.order_by("-id").values_list("id", "conversation"):
            before.setdefault(conversation, []).append(turn)
        pairs: dict[int, int] = {}
        for refusal, conversation in newest_:
            question = next((turn for turn in before.get(conversation, ()) if turn < refusal), None)
            if question:
                pairs.setdefault(question, refusal)
        return list(pairs.items())


def untreated(turns: QuerySet[Turn]) -> QuerySet[Turn]:
    """Return the turns about which nobody did anything yet."""
    return turns.filter(~Exists(Treatment.objects.filter(turn=OuterRef("id"))))


def _decided(decision: str) -> list[QuerySet[Turn]]:
    return [Turn.objects.filter(decision=decision)]


def _feedback() -> list[QuerySet[Turn]]:
    return [Turn.objects.filter(feedback=word) for word in ("not_helped", "outdated", "wrong")]


#: `<>` between two columns, as the index has it (bot/storage/tables.py): NOT = would not match.
_DIFFERS = Func(
    "detected", "language", template="%(expressions)s", arg_joiner=" <> ", output_field=BooleanField()
)


def _doubtful() -> list[QuerySet[Turn]]:
    # Where nothing was detected there was nothing to read.
    return [Turn.objects.filter(_DIFFERS).exclude(detected="")]


def _unsure() -> list[QuerySet[Turn]]:
    return [Turn.objects.filter(decision=ANSWER, confidence__lt=LOW_CONFIDENCE)]


def _sample() -> list[QuerySet[Turn]]:
    """Return confident answers: a share of them by their number, or all of which a text was drawn.

    Where only needed texts are kept, the assistant already kept a random share of these.
    """
    sure = Turn.objects.filter(decision=ANSWER, confidence__gte=LOW_CONFIDENCE)
    if settings.INSTALLATION.transcripts == "needed":
        return [sure]
    number = Cast(F("id"), BigIntegerField()) * Value(_SPREAD, BigIntegerField())
    drawn = Mod(number, Value(_PRIME, BigIntegerField()))
    return [sure.alias(drawn=drawn).filter(drawn__lt=int(_PRIME * SAMPLE))]


QUEUES: Sequence[Queue] = (
    Queue(
        "urgent",
        _("Urgent"),
        _("Something was happening: see whether the first steps fitted."),
        lambda: _decided(URGENT),
    ),
    Queue(
        "unknown",
        _("No answer found"),
        _("The assistant found nothing to answer with."),
        lambda: _decided(UNKNOWN),
    ),
    RefusedQueue(
        "refused",
        _("Choices refused"),
        _("None of the offered questions was meant."),
        lambda: [Turn.objects.filter(intent=NONE_OF_THESE)],
    ),
    Queue("feedback", _("Bad feedback"), _("It did not help, was outdated or wrong."), _feedback),
    Queue("unsure", _("Low confidence"), _("Answered, but not surely."), _unsure),
    Queue(
        "language",
        _("Language in doubt"),
        _("Mixed, not recognized, or answered in another language."),
        _doubtful,
    ),
    Queue("sample", _("Sample of answers"), _("Some of the confident answers, drawn at random."), _sample),
)

BY_NAME = {queue.name: queue for queue in QUEUES}
