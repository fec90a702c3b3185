"""What staff do about conversations: review, label, note, assign, treat.

A conversation may be erased at any moment, and nothing may bring it back: each change first holds
on to one of its turns, in the same transaction, so that the erasure either came before or waits.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from staff.review.models import Note, Review, Treatment, Turn

#: Labels that everybody understands alike; others are free words.
LABELS = {
    "follow-up": _("follow up"),
    "for-lawyer": _("for a lawyer"),
    "missing-answer": _("answer missing"),
    "unclear-answer": _("answer unclear"),
    "language": _("language"),
    "safety": _("safety"),
    "praise": _("praise"),
}

MAX_LABELS = 8
LABEL = re.compile(r"[a-z0-9_-]{1,20}")


@contextmanager
def kept(conversation: str) -> Iterator[None]:
    """A transaction in which the conversation exists; raises Http404 when it was erased."""
    with transaction.atomic():
        turns = Turn.objects.select_for_update().filter(conversation=conversation)
        if not turns.order_by("-id").values_list("id", flat=True)[:1]:
            raise Http404
        yield


def mark(conversation: str, reviewer: int | None) -> None:
    """Mark a conversation as reviewed by somebody, or as not reviewed (None)."""
    with kept(conversation):
        _change(conversation, reviewed=time.time() if reviewer else None, reviewer=reviewer)


def assign(conversation: str, person: int | None) -> None:
    """Give a conversation to somebody, or to nobody."""
    with kept(conversation):
        _change(conversation, assigned=person)


def label(conversation: str, labels: Sequence[str]) -> None:
    """Set the labels of a conversation."""
    with kept(conversation):
        _change(conversation, labels=" ".join(dict.fromkeys(labels)))


def note(conversation: str, author: int, text: str) -> None:
    """Add a note."""
    with kept(conversation):
        Note.objects.create(conversation=conversation, author=author, timestamp=time.time(), text=text)


def forget_note(conversation: str, author: int, number: int) -> None:
    """Delete a note of one's own; raises Http404 for another's."""
    deleted, _rows = Note.objects.filter(id=number, conversation=conversation, author=author).delete()
    if not deleted:
        raise Http404


def treat(turns: Sequence[int], kind: Treatment.Kind, author: int, entry: str = "") -> list[int]:
    """Write down what became of turns; return those that still exist."""
    with transaction.atomic():
        rows = Turn.objects.select_for_update().filter(id__in=turns).order_by("id")
        found = list(rows.values_list("id", "conversation"))
        Treatment.objects.bulk_create(
            [
                Treatment(
                    turn=turn,
                    conversation=conversation,
                    kind=kind,
                    entry=entry,
                    author=author,
                    timestamp=time.time(),
                )
                for turn, conversation in found
            ],
            update_conflicts=True,
            unique_fields=["turn"],
            update_fields=["conversation", "kind", "entry", "author", "timestamp"],
        )
    return [turn for turn, _conversation in found]


def _change(conversation: str, **values: object) -> None:
    Review.objects.update_or_create(conversation=conversation, defaults=values)
