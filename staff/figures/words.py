"""The names of what is counted."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, str | Promise]

#: In the order in which they are shown.
DECISIONS: Words = {
    "answer": _("Answered"),
    "urgent": _("Urgent"),
    "choices": _("Choices offered"),
    "unknown": _("Not understood"),
    "dialogue": _("Small talk and commands"),
}
LANGUAGES: Words = {"en": _("English"), "es": _("Spanish"), "": _("not known")}
CHANNELS: Words = {"website": _("Website"), "sms": _("SMS"), "whatsapp": _("WhatsApp"), "": _("not known")}
FEEDBACK: Words = {
    "helped": _("Helped"),
    "not_helped": _("Did not help"),
    "outdated": _("Outdated"),
    "wrong": _("Wrong"),
}


def name(words: Words, key: str) -> str:
    """Return the name of something counted, or its key when it has none."""
    return str(words.get(key, key))
