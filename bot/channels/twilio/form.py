"""What Twilio posts to a messaging webhook, as a message of a phone.

https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from bot.content import SMS, WHATSAPP
from bot.phones.desk import CONTACT, MEDIA, PLACE, TEXT, Incoming
from bot.phones.habits import HELP, START, STOP

#: More fields than any message of Twilio's has.
_MAX_FIELDS = 300

#: States of a message of ours: a report on its delivery, not something that a person wrote.
_STATES_OF_OURS = frozenset(
    ("accepted", "scheduled", "queued", "sending", "sent", "delivered", "undelivered", "failed", "read")
)
_HANDLED = {"STOP": STOP, "START": START, "HELP": HELP}
_KINDS = {
    "image": MEDIA,
    "audio": MEDIA,
    "video": MEDIA,
    "document": MEDIA,
    "sticker": MEDIA,
    "location": PLACE,
    "contacts": CONTACT,
}


class Form(dict[str, list[str]]):
    """The fields of a form, each with all its values: Twilio signs empty and repeated ones too."""

    def getlist(self, name: str) -> list[str]:
        """Return all values, as Twilio's validator asks for them."""
        return self[name]

    def first(self, name: str) -> str:
        """Return the first value, or ""."""
        return self.get(name, [""])[0]


def read_form(body: bytes) -> Form:
    """Return the fields of a form; bytes that are no UTF-8 become U+FFFD. Raises ValueError."""
    text = body.decode("utf-8", errors="replace")
    form = Form()
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=_MAX_FIELDS):
        form.setdefault(name, []).append(value)
    return form


def incoming_of(form: Form) -> Incoming | None:
    """Return the message of a person, or None when nobody is to be answered.

    Reports on the delivery of our messages, reactions on WhatsApp and messages without a sender
    are none.
    """
    sender = form.first("From").strip()
    states = {form.first("MessageStatus").lower(), form.first("SmsStatus").lower()}
    if not sender or states & _STATES_OF_OURS or form.first("MessageType").lower() == "reaction":
        return None
    return Incoming(
        id=form.first("MessageSid") or form.first("SmsMessageSid") or form.first("SmsSid"),
        sender=sender,
        channel=WHATSAPP if sender.lower().startswith("whatsapp:") else SMS,
        text=form.first("Body") or form.first("ButtonText"),
        kind=_kind(form),
        handled=_HANDLED.get(form.first("OptOutType").upper(), ""),
    )


def _kind(form: Form) -> str:
    if kind := _KINDS.get(form.first("MessageType").lower()):
        return kind
    if form.first("Latitude") and form.first("Longitude"):
        return PLACE
    if "vcard" in form.first("MediaContentType0").lower():
        return CONTACT
    return MEDIA if form.first("NumMedia") not in ("", "0") else TEXT
