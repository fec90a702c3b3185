"""The webhook of Twilio: `POST /webhooks/twilio/webhook`.

Rasa's own Twilio channel checks no signature, keeps the number as the sender's name and answers by
calls of the API with the account's secrets (docs/decisions/004-own-channels.md). Here nothing
unsigned is read, the number is hashed at the door and the reply is the response.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from bot.channels.twilio.form import Form, incoming_of, read_form
from bot.errors import SettingsError
from bot.phones.desk import PhoneDesk
from bot.phones.habits import load_habits
from bot.settings import Settings, load_settings
from bot.storage.phones import PhoneBook

logger = logging.getLogger(__name__)

NAME = "twilio"
PATH = f"/webhooks/{NAME}/webhook"

#: Twilio's bodies have about 2 KB; ten pictures and the longest text make 20.
MAX_BODY_BYTES = 64 * 1024


class TwilioChannel(InputChannel):  # type: ignore[misc] # Rasa is not typed
    """Takes the webhooks of SMS and WhatsApp. Raises SettingsError without TWILIO_AUTH_TOKEN."""

    def __init__(self, settings: Settings) -> None:
        if not settings.twilio_auth_token:
            raise SettingsError("TWILIO_AUTH_TOKEN is missing: copy it from Twilio's console (docs/sms.md).")
        self._validator = RequestValidator(settings.twilio_auth_token)
        self._address = settings.public_url + PATH
        self._ceiling = settings.segments_a_day
        self._habits = load_habits()
        self._desk: PhoneDesk | None = None

    @classmethod
    def name(cls) -> str:
        """Return the name, and the part of the address."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> TwilioChannel:
        """Make the channel from the settings; credentials.yml has nothing to add."""
        return cls(load_settings())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes (see parent class)."""
        routes = Blueprint("twilio")

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if len(request.body) > MAX_BODY_BYTES:
                return response.text(f"The body is larger than {MAX_BODY_BYTES} bytes.", status=413)
            try:
                form = read_form(request.body)
            except ValueError:
                return response.text("The form has too many fields.", status=400)
            if not self._signed(request, form):
                logger.warning("twilio: a request without the right signature was refused")
                return response.text("The signature is not Twilio's.", status=403)
            incoming = incoming_of(form)
            texts = await self._desk_of(request).receive(incoming) if incoming else []
            return response.raw(twiml(texts).encode(), content_type="text/xml; charset=utf-8")

        return routes

    def _signed(self, request: Request, form: Form) -> bool:
        """Whether Twilio signed this for our public address, whatever proxies stand between."""
        signature = request.headers.get("X-Twilio-Signature", "")
        query = f"?{request.query_string}" if request.query_string else ""
        try:
            return bool(self._validator.validate(self._address + query, form, signature))
        except (ValueError, TypeError, AttributeError):
            # A signature with letters outside ASCII cannot be compared.
            return False

    def _desk_of(self, request: Request) -> PhoneDesk:
        if self._desk is None:
            agent = request.app.ctx.agent
            book = PhoneBook(agent.tracker_store.database)
            self._desk = PhoneDesk(agent, book, self._habits, self._ceiling)
        return self._desk


def twiml(texts: list[str]) -> str:
    """Return the TwiML that sends these texts, in order; none sends nothing."""
    reply = MessagingResponse()
    for text in texts:
        reply.message(text)
    return str(reply)
