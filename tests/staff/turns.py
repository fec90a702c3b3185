"""Turns as the assistant's tracker store writes them, for tests."""

from __future__ import annotations

import json
import time
from typing import Any

from bot.storage.search import words_of
from staff.review.models import Turn, Word

DEFAULTS: dict[str, Any] = {
    "conversation": "a" * 64,
    "channel": "website",
    "language": "en",
    "detected": "en",
    "decision": "answer",
    "intent": "faq/daca_renewal_when",
    "confidence": 0.9,
    "candidates": json.dumps([{"intent": "faq/daca_renewal_when", "confidence": 0.9}]),
    "text": "when do i renew my daca",
    "redacted": "",
    "feedback": None,
    "delivery": None,
    "took": 0.05,
}


def turn(**values: Any) -> Turn:
    """Add a turn with the words of its text to the index; it is newer than those before."""
    last = Turn.objects.order_by("-timestamp").values_list("timestamp", flat=True).first()
    start = last + 1 if last else time.time() - 3600
    made = Turn.objects.create(**{"timestamp": start, **DEFAULTS, **values})
    Word.objects.bulk_create(
        Word(word=word, turn=made.id, conversation=made.conversation) for word in words_of(made.text or "")
    )
    return made
