"""Feedback on an answer, and erasure."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.errors import ConoceError
from bot.settings import load_settings
from bot.storage.database import Database

logger = logging.getLogger(__name__)

_FEEDBACK = {"feedback_helped": "helped", "feedback_not_helped": "not_helped"}


class FeedbackAction(Action):
    """Thanks for feedback; the tracker store notes it on the answer (slot `feedback`)."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_feedback"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Set the slot and say thanks (see parent class)."""
        intent = str(tracker.get_intent_of_latest_message())
        dispatcher.utter_message(response=f"utter_{intent}")
        return [SlotSet("feedback", _FEEDBACK.get(intent))]


class EraseAction(Action):
    """Deletes all that is kept of the conversation, at once, and says whether it worked.

    The tracker store then writes nothing of the turn that asked for it.
    """

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_erase"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Erase and confirm, or say that it failed (see parent class)."""
        try:
            database = Database(load_settings().database_url)
            try:
                database.erase([tracker.sender_id])
            finally:
                database.close()
        except ConoceError as error:
            logger.error("erasure failed: %s", error)
            dispatcher.utter_message(response="utter_erase_failed")
        else:
            dispatcher.utter_message(response="utter_erase_done")
        return []
