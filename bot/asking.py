"""`conoce ask`: texts through the same archive, rules and NLG as the server, kept nowhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore

from bot.agent import Collected, ConoceAgent
from bot.answers import understanding_of
from bot.archive import latest_archive
from bot.content import FAQ
from bot.embedded import EmbeddedActions
from bot.settings import Settings
from bot.understanding import Understanding


@dataclass(frozen=True)
class Answered:
    """What came back for one text."""

    text: str
    understood: Understanding
    reply: tuple[str, ...]
    buttons: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the object of `conoce ask --json` (docs/commands.md)."""
        u = self.understood
        answered = [_id(u.intent)] if u.decision in ("answer", "urgent") else []
        return {
            "text": self.text,
            "language": u.language,
            "detected": u.detected,
            "decision": u.decision,
            "dialogue": u.intent if u.decision == "dialogue" else None,
            "faq_ids": answered,
            "faq_id": answered[0] if answered else None,
            "confidence": round(u.confidence, 4),
            "candidates": [
                {"faq_id": _id(c.intent), "confidence": round(c.confidence, 4)} for c in u.candidates
            ],
            "reply": list(self.reply),
            "buttons": list(self.buttons),
        }


class Asker:
    """Answers texts without a server. Everything stays in memory."""

    def __init__(self, settings: Settings) -> None:
        self._agent = ConoceAgent(
            settings, tracker_store=InMemoryTrackerStore(None), action_endpoint=EmbeddedActions()
        )
        self._agent.load_archive(latest_archive(settings))
        entries = self._agent.generator.catalogue.entries.values()
        self._ids = {title: entry.id for entry in entries for title in entry.title.values()}

    async def ask(self, text: str, channel: str, sender: str | None = None) -> Answered:
        """Answer one text, as a new conversation unless `sender` names one."""
        output = Collected(channel)
        message = UserMessage(text, output, sender or uuid.uuid4().hex, input_channel="ask")
        replies = await self._agent.handle_message(message) or []
        tracker = await self._agent.tracker_store.retrieve(message.sender_id)
        if sender is None:
            self._agent.tracker_store.store.pop(message.sender_id, None)
        buttons = [button for reply in replies for button in reply.get("buttons") or ()]
        return Answered(
            message.text,
            understanding_of(tracker),
            tuple(reply["text"] for reply in replies),
            tuple({"title": b["title"], "faq_id": self._ids.get(b["title"])} for b in buttons),
        )

    async def ask_all(self, texts: Iterable[str], channel: str, conversation: bool = False) -> list[Answered]:
        """Answer texts in order."""
        sender = uuid.uuid4().hex if conversation else None
        return [await self.ask(text, channel, sender) for text in texts]


def lines_of(raw: bytes) -> Iterator[str]:
    """Return the lines of standard input; bytes that are no UTF-8 become U+FFFD."""
    text = raw.decode("utf-8", errors="replace")
    yield from text.removesuffix("\n").split("\n") if text else ()


def _id(intent: str) -> str:
    return intent.removeprefix(f"{FAQ}/")
