"""What a browser may send: the shape and the size of events.

Plain functions without Socket.IO, so that each rule can be tested by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.content import LANGUAGES
from bot.errors import ConoceError

MAX_MESSAGE_CHARACTERS = 5_000

#: An `error` event says one of these; all but too_long carry the first steps of `system_trouble`.
MALFORMED, TOO_LONG, NO_SESSION, TOO_MANY, TROUBLE = "malformed", "too_long", "session", "rate", "trouble"


#: What people can say of an answer with its buttons.
RATINGS = ("helped", "not_helped", "outdated", "wrong")

#: The id that a client gives a message, to know it again.
_ID = re.compile(r"[A-Za-z0-9-]{16,64}")


class EventError(ConoceError):
    """An event cannot be taken. `code` is what the client is told."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"The event was refused ({code}).")


@dataclass(frozen=True)
class Utterance:
    """A `user_uttered` event whose shape is right.

    `token` is not yet verified. `id` is the client's for the message, or "" from clients that speak
    the protocol of Rasa and give none.
    """

    text: str
    token: str | None
    language: str | None
    id: str = ""


@dataclass(frozen=True)
class Rating:
    """A `user_rated` event whose shape is right: what somebody says of the answer to a message."""

    id: str
    rating: str


def read_mapping(data: tuple[Any, ...]) -> Mapping[str, Any]:
    """Return the one mapping that an event carries; none at all counts as empty.

    Raises EventError for anything else.
    """
    if not data or data == (None,):
        return {}
    if len(data) > 1 or not isinstance(data[0], dict):
        raise EventError(MALFORMED)
    return data[0]


def read_utterance(data: tuple[Any, ...]) -> Utterance:
    """Check the shape of a `user_uttered` event.

    Raises EventError that says what is wrong.
    """
    event = read_mapping(data)
    text, token, metadata = event.get("message"), event.get("session_id"), event.get("metadata")
    metadata = {} if metadata is None else metadata
    if not isinstance(text, str) or not isinstance(token, str | None) or not isinstance(metadata, dict):
        raise EventError(MALFORMED)
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise EventError(TOO_LONG)
    language, id_ = metadata.get("language"), event.get("id", "")
    if not isinstance(language, str | None) or not (id_ == "" or _is_id(id_)):
        raise EventError(MALFORMED)
    # Half an emoji (a lone surrogate) and NUL are valid JSON that no database stores.
    text = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return Utterance(text, token, language if language in LANGUAGES else None, id_)


def read_rating(data: tuple[Any, ...]) -> Rating:
    """Check the shape of a `user_rated` event.

    Raises EventError that says what is wrong.
    """
    event = read_mapping(data)
    id_, rating = event.get("id"), event.get("rating")
    if not _is_id(id_) or rating not in RATINGS:
        raise EventError(MALFORMED)
    return Rating(str(id_), str(rating))


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def preferred_language(header: str | None) -> str:
    """Return the language that an Accept-Language header (RFC 9110) asks for: English if neither."""
    wanted: dict[str, float] = {}
    for part in (header or "").split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if language in LANGUAGES and quality > 0:
            wanted[language] = max(quality, wanted.get(language, 0))
    return max(wanted, key=wanted.__getitem__, default=LANGUAGES[0])
