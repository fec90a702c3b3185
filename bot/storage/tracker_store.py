"""Rasa's tracker, rebuilt from the end of a conversation and written trimmed."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.privacy import redact
from bot.settings import Settings, load_settings
from bot.storage.database import Database
from bot.understanding import KEY

#: A tracker is rebuilt from this many events, however long the conversation is: about five
#: turns, more than any rule or follow-up looks back.
LAST_EVENTS = 24

#: The action after which nothing of the conversation is kept.
ERASE_ACTION = "action_erase"

#: Share of confident answers whose text is kept under `transcripts: needed`, for review.
SAMPLE = 0.05

#: Under this name a message's metadata hold its id, when its channel has one.
DELIVERY = "delivery"

#: Under this name they hold when it came, in seconds since 1970.
RECEIVED = "received"

_NEEDED_DECISIONS = ("unknown", "choices", "urgent")
_NEEDED_INTENTS = ("none_of_these", "feedback_helped", "feedback_not_helped")


class ConversationStore(TrackerStore):
    """Keeps conversations in the project's own tables (see bot/storage/database.py)."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        host: Any = None,
        settings: Settings | None = None,
        **kwargs: Any,
    ) -> None:
        self.settings = settings or load_settings()
        self.database = Database(self.settings.database_url)
        self._random = random.Random()  # noqa: S311 - draws a sample, keeps no secret
        super().__init__(domain, event_broker)

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """Return a new tracker; nothing is written before the person has said something."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Rebuild a tracker from the slots and the last events (see parent class)."""
        stored = self.database.load(sender_id, LAST_EVENTS)
        if stored is None or not stored.events:
            return None
        first = float(stored.events[0].get("timestamp") or 0)
        snapshot = [SlotSet(name, value, timestamp=first) for name, value in stored.slots.items()]
        kept = [event for event in map(Event.from_parameters, stored.events) if event is not None]
        tracker = DialogueStateTracker.from_events(
            sender_id, snapshot + kept, self.domain.slots, sender_source=None
        )
        tracker.stored_events = len(tracker.events)
        return tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Return the same short tracker: nothing reads the whole history."""
        return await self.retrieve(conversation_id)

    async def keys(self) -> Iterable[str]:
        """Return the ids of all conversations."""
        return self.database.conversation_ids()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write what is new of a tracker: trimmed events, slots, a row for staff."""
        new = list(tracker.events)[getattr(tracker, "stored_events", 0) :]
        if any(isinstance(e, ActionExecuted) and e.action_name == ERASE_ACTION for e in new):
            self.database.erase([tracker.sender_id])
            return
        if not any(isinstance(event, UserUttered) for event in new) and not hasattr(tracker, "stored_events"):
            return
        self.database.append(
            tracker.sender_id,
            {
                name: slot.value
                for name, slot in tracker.slots.items()
                if slot.value is not None and name != "session_started_metadata"
            },
            [trimmed for trimmed in map(trim_event, new) if trimmed],
            [self._turn(event, tracker) for event in new if isinstance(event, UserUttered)],
            feedback=_feedback(new),
            delivery=_delivery(new),
        )
        tracker.stored_events = len(tracker.events)

    def _turn(self, event: UserUttered, tracker: DialogueStateTracker) -> dict[str, Any]:
        """Return the row for staff of one message."""
        understood = (event.parse_data or {}).get(KEY) or {}
        return {
            "timestamp": event.timestamp,
            "channel": (event.input_channel or "")[:16],
            "language": understood.get("language", ""),
            "detected": understood.get("detected", ""),
            "decision": understood.get("decision", ""),
            "intent": understood.get("intent") or event.intent_name or "",
            "confidence": round(float(understood.get("confidence") or 0), 4),
            "candidates": json.dumps(understood.get("candidates") or []),
            "text": redact(event.text or "").text if self._keeps_text(understood) else None,
            "redacted": ",".join(understood.get("redacted") or ()),
            "feedback": None,
            "delivery": event.metadata.get(DELIVERY),
            "took": _took(event),
        }

    def _keeps_text(self, understood: Mapping[str, Any]) -> bool:
        if understood.get("private"):
            return False
        if self.settings.transcripts != "needed":
            return self.settings.transcripts == "full"
        return (
            understood.get("decision") in _NEEDED_DECISIONS
            or understood.get("intent") in _NEEDED_INTENTS
            or self._random.random() < SAMPLE
        )


def trim_event(event: Event) -> dict[str, Any] | None:
    """Return what of an event the next turns need, as plain data, or None.

    The text of a message is needed for one thing only, the row for staff, and the text of a reply
    is in the archive: neither is kept here.
    """
    if isinstance(event, DefinePrevUserUtteredFeaturization | SlotSet):
        return None
    data: dict[str, Any] = {"event": event.type_name, "timestamp": event.timestamp}
    if isinstance(event, UserUttered):
        understood = (event.parse_data or {}).get(KEY)
        data["text"] = ""
        data["parse_data"] = {"intent": {"name": event.intent_name}, "entities": [], "text": ""}
        if understood:
            data["parse_data"][KEY] = understood
    elif isinstance(event, BotUttered):
        data["text"] = ""
        data["metadata"] = {"utter_action": event.metadata.get("utter_action")}
    elif isinstance(event, ActionExecuted):
        data["name"] = event.action_name
    return data


def _took(event: UserUttered) -> float | None:
    """Return the seconds from a message to its answer, if its channel noted when it came."""
    received = event.metadata.get(RECEIVED)
    return round(max(0.0, time.time() - received), 4) if received else None


def _feedback(new: Iterable[Event]) -> str | None:
    for event in new:
        if isinstance(event, SlotSet) and event.key == "feedback" and event.value:
            return str(event.value)
    return None


def _delivery(new: Sequence[Event]) -> tuple[str, list[dict[str, Any]]] | None:
    """Return the id of the message among new events, and the replies to it."""
    for event in new:
        if isinstance(event, UserUttered) and (delivery := event.metadata.get(DELIVERY)):
            said = [e for e in new if isinstance(e, BotUttered)]
            return str(delivery), [
                {"text": e.text, "buttons": e.data.get("buttons") or [], KEY: e.metadata.get(KEY)}
                for e in said
            ]
    return None
