"""What the tests of teaching share: a draft of one's own, and questions that were asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from bot.storage.search import words_of
from staff.review.models import Turn, Word
from staff.teach.files import Draft
from staff.teach.workspace import draft

SCRIPT = "<script>alert(1)</script>"


def asked(
    text: str,
    conversation: str = "c" * 64,
    language: str = "en",
    candidates: Sequence[tuple[str, float]] = (),
) -> Turn:
    """A message as the assistant keeps it, with the index of its words."""
    turn = Turn.objects.create(
        conversation=conversation,
        timestamp=1.0,
        channel="web",
        language=language,
        detected=language,
        decision="unknown",
        intent="nlu_fallback",
        confidence=0.2,
        candidates=json.dumps([{"intent": i, "confidence": c} for i, c in candidates]),
        text=text,
        redacted="",
    )
    for word in words_of(text):
        Word.objects.create(word=word, turn=turn.pk, conversation=conversation)
    return turn


def form_of(client: Client, id_: str, **changes: Any) -> dict[str, Any]:
    """Return what the browser would send from the page of an entry, with changes."""
    context = client.get(f"/answers/{id_}/").context
    form = context["form"]
    data: dict[str, Any] = {
        name: value for name, value in form.initial.items() if value is not False and value is not None
    }
    rows = [source for source in context["sources"] if any(source.values())]
    for name in ("org", "title", "url", "as_of"):
        data[f"source_{name}"] = [source[name] for source in rows]
    data["related"] = [value for value in context["related"] if value]
    data["resources"] = [value for value in context["resources"] if value]
    return data | changes


def opened() -> Draft:
    """Return the draft of the test's installation."""
    return draft()
