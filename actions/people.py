"""Who can help: by topic, state and language, over data/organizations.yml."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.content import Organization, load_organizations
from bot.helpers import helpers_for, maldef_offices
from bot.settings import content_folder

Events = list[dict[str, Any]]


@lru_cache(maxsize=1)
def organizations() -> dict[str, Organization]:
    """Return the organizations, read once."""
    return load_organizations(content_folder())


def understood(tracker: Tracker) -> dict[str, Any]:
    """Return what was understood of the latest message, as plain data."""
    return dict((tracker.latest_message or {}).get("conoce") or {})


def show(dispatcher: CollectingDispatcher, intro: str, chosen: list[str]) -> None:
    """Let the NLG say a text and show organizations."""
    dispatcher.utter_message(response="utter_people", intro=intro, organizations=chosen)


class WhoCanHelpAction(Action):
    """Phones of people who can help with what the conversation is about."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_who_can_help"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Choose by the topic and the state of the conversation (see parent class)."""
        data = understood(tracker)
        entry = str(data.get("entry") or "")
        topic = entry if entry.startswith("urgent/") else str(data.get("topic") or "")
        show(dispatcher, "people_intro", helpers_for(organizations(), topic, str(data.get("state") or "")))
        return []


class MaldefAction(Action):
    """MALDEF, how to report to it, and the office for the person's state."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_maldef"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Name the office of the state, or the main line (see parent class)."""
        state = str(understood(tracker).get("state") or "")
        show(dispatcher, "report_maldef_intro", maldef_offices(organizations(), state))
        return []


class UnitedWeDreamAction(Action):
    """The tools of United We Dream."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_united_we_dream"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Show the organization and its line (see parent class)."""
        show(dispatcher, "uwd_tools_intro", ["united_we_dream", "uwd_migrawatch"])
        return []


class RenewalDatesAction(Action):
    """The recommended window to renew DACA. Never computes a date."""

    def name(self) -> str:
        """Return the name that rules use."""
        return "action_renewal_dates"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Explain the window and where the date stands (see parent class)."""
        show(dispatcher, "renewal_dates_intro", ["uscis_daca"])
        return []
