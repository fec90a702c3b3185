"""Texts that are shown only after somebody gave a reason (CONOCE_STAFF_MASK)."""

from __future__ import annotations

import time

from django.conf import settings
from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

#: Then a reason has to be given again.
SECONDS_OPEN = 15 * 60

_KEY = "unmasked"


class Reason(TextChoices):
    """Why someone reads a text. A list, so that no words about a person get into the log."""

    QUALITY = "quality", _("to check an answer")
    TEACHING = "teaching", _("to improve the answers")
    FEEDBACK = "feedback", _("to look into feedback")
    SAFETY = "safety", _("someone may be in danger")
    REQUEST = "request", _("the person asked for it")


def is_open(request: HttpRequest, name: str) -> bool:
    """Whether the person may see the text of a conversation or queue now."""
    if not settings.MASK_TEXT:
        return True
    return float(request.session.get(_KEY, {}).get(_digest(name), 0)) > time.time()


def unmask(request: HttpRequest, name: str) -> None:
    """Let the person see the text for a while. The session holds only a keyed digest of the name."""
    now = time.time()
    still = {key: until for key, until in request.session.get(_KEY, {}).items() if until > now}
    request.session[_KEY] = {**still, _digest(name): now + SECONDS_OPEN}


def _digest(name: str) -> str:
    return salted_hmac("staff.review.masking", name, algorithm="sha256").hexdigest()[:32]
