"""A phone in the terminal: signs and posts what Twilio would, and shows what would be sent back."""

from __future__ import annotations

import secrets
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bot.channels.twilio.channel import PATH
from bot.content import SMS, WHATSAPP
from bot.errors import ConoceError
from bot.phones.habits import Habits
from bot.segments import is_gsm, segments_of

_TIMEOUT_SECONDS = 20


@dataclass(frozen=True)
class Delivered:
    """What came back for one webhook: the HTTP status and the texts of its TwiML."""

    status: int
    texts: tuple[str, ...]


class TerminalPhone:
    """A phone with a number of its own. `public_url` is what Twilio would sign, `url` where it posts.

    Raises ConoceError when the assistant does not answer.
    """

    def __init__(
        self, token: str, public_url: str, url: str, number: str = "+15005550006", channel: str = SMS
    ) -> None:
        self._validator = RequestValidator(token)
        self._public = public_url + PATH
        self._url = url + PATH
        self._from = f"whatsapp:{number}" if channel == WHATSAPP else number

    def send(self, text: str, **fields: str) -> Delivered:
        """Send a text, or what `fields` of a webhook say."""
        sid = f"SM{secrets.token_hex(16)}"
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": "AC" + "0" * 32,
            "From": self._from,
            "To": "+15005550001",
            "Body": text,
            "NumMedia": "0",
            "NumSegments": str(segments_of(text)),
            "SmsStatus": "received",
            "FromCity": "",
            "ApiVersion": "2010-04-01",
            **fields,
        }
        return self.post(form)

    def post(self, form: Mapping[str, str], signature: str | None = None) -> Delivered:
        """Post a form, signed as Twilio signs unless another signature is given."""
        signed = self._validator.compute_signature(self._public, form)
        request = urllib.request.Request(self._url, urlencode(form).encode(), method="POST")  # noqa: S310
        request.add_header("X-Twilio-Signature", signed if signature is None else signature)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
                return Delivered(response.status, texts_of(response.read()))
        except urllib.error.HTTPError as error:
            return Delivered(error.code, ())
        except OSError as error:
            raise ConoceError(
                f"Nothing answers at {self._url} ({error}): start it with `make run`."
            ) from None


def texts_of(twiml: bytes) -> tuple[str, ...]:
    """Return the messages of a TwiML response. Raises ConoceError for anything else."""
    try:
        root = ET.fromstring(twiml)  # noqa: S314 - our own server's answer
    except ET.ParseError as error:
        raise ConoceError(f"The reply is no TwiML ({error}).") from None
    if root.tag != "Response" or any(child.tag != "Message" for child in root):
        raise ConoceError("The reply is no TwiML of messages.")
    return tuple(child.text or "" for child in root)


def bill(sent: str, texts: tuple[str, ...], channel: str, habits: Habits) -> str:
    """Return segments, alphabet and price of an exchange, for the terminal."""
    if channel == WHATSAPP:
        return f"[{len(texts)} x WhatsApp]"
    count = sum(map(segments_of, texts))
    alphabet = "GSM-7" if all(map(is_gsm, texts)) else "UCS-2"
    price = (segments_of(sent) + count) * (habits.price["segment"] + habits.price["carrier_fee"])
    return f"[{len(texts)} SMS, {count} segments, {alphabet}, ${price:.4f}]"
