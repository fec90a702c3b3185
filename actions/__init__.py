"""Custom actions: what needs thought. Rasa's own `rasa run actions` finds them here."""

from actions.care import EraseAction, FeedbackAction
from actions.people import MaldefAction, RenewalDatesAction, UnitedWeDreamAction, WhoCanHelpAction

__all__ = [
    "EraseAction",
    "FeedbackAction",
    "MaldefAction",
    "RenewalDatesAction",
    "UnitedWeDreamAction",
    "WhoCanHelpAction",
]
