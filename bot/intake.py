"""What is done to every message before anything else sees it, whatever the channel."""

from __future__ import annotations

from dataclasses import dataclass

from bot.privacy import clean, redact

#: Longer messages are asked to be shortened: nobody types so much in a hurry, and a limit keeps
#: one message from holding up the others.
MAX_CHARACTERS = 4_000

EMPTY = "empty"
TOO_LONG = "too_long"

#: Rasa does not parse an empty text.
_PLACEHOLDER = "-"


@dataclass(frozen=True)
class Intake:
    """A message ready for the assistant. `reason` is why it cannot be matched, or ""."""

    text: str
    redacted: tuple[str, ...]
    reason: str = ""


def take_in(raw: object) -> Intake:
    """Clean a message and take personal data out of it. Accepts anything, never raises."""
    text = clean(raw[: MAX_CHARACTERS * 4]) if isinstance(raw, str) else ""
    if not any(character.isalnum() for character in text):
        return Intake(_PLACEHOLDER, (), EMPTY)
    if len(text) > MAX_CHARACTERS:
        return Intake(_PLACEHOLDER, (), TOO_LONG)
    redaction = redact(text)
    return Intake(redaction.text, redaction.kinds)
