"""Rasa's REST channel for development: the same address and JSON, with its input checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.agent import Collected

#: A body larger than this is no question.
MAX_BODY_BYTES = 64 * 1024

_MAX_SENDER = 255


class RestChannel(InputChannel):  # type: ignore[misc] # Rasa is not typed
    """POST {"sender": str, "message": str, "metadata"?: {"language"?, "channel"?}}."""

    @classmethod
    def name(cls) -> str:
        """Return the name, and the part of the address."""
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RestChannel:
        """Make the channel; there is nothing to set."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes (see parent class)."""
        routes = Blueprint("rest")

        @routes.get("/")
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            problem, message = _message_of(request)
            if message is None:
                return response.json({"error": problem}, status=400)
            await on_new_message(message)
            return response.json(message.output_channel.messages)

        return routes


def _message_of(request: Request) -> tuple[str, UserMessage | None]:
    """Return what is wrong with a request, or its message."""
    if len(request.body) > MAX_BODY_BYTES:
        return f"the body is larger than {MAX_BODY_BYTES} bytes", None
    try:
        data = request.json
    except (InvalidUsage, UnicodeDecodeError, ValueError, RecursionError):
        return "the body is not JSON", None
    if not isinstance(data, dict):
        return 'expected an object: {"sender": "...", "message": "..."}', None
    sender, text = data.get("sender", "default"), data.get("message")
    metadata = data.get("metadata") or {}
    if not isinstance(text, str):
        return '"message" must be a string', None
    if not isinstance(sender, str) or not 0 < len(sender) <= _MAX_SENDER:
        return f'"sender" must be a string of 1 to {_MAX_SENDER} characters', None
    if not isinstance(metadata, dict):
        return '"metadata" must be an object', None
    channel = metadata.get("channel", "rest")
    if channel not in ("rest", "web", "sms", "whatsapp"):
        return '"metadata.channel" must be one of: web, sms, whatsapp', None
    return "", UserMessage(text, Collected(str(channel)), sender, input_channel="rest", metadata=metadata)
