"""The draft of this installation, and who did what to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from bot.settings import Settings
from staff.audit.models import Action, record
from staff.teach.files import Draft
from staff.teach.models import APPROVED, Change


def installation() -> Settings:
    """Return the settings of the installation."""
    found: Settings = settings.INSTALLATION
    return found


def draft() -> Draft:
    """Return the draft, whether it has come to be or not."""
    return Draft(installation().content, installation().data / "content" / "draft")


def note(request: HttpRequest, entry: str, fields: Iterable[str], action: Action = Action.EDITED) -> None:
    """Write down that the person changed an entry, for the page of the entry and for the log."""
    user: Any = request.user
    names = " ".join(fields)
    Change.objects.create(entry=entry, who=user, fields=names[:300])
    record(request, action, entry, names)


def last_changed_by(request: HttpRequest, entry: str) -> bool:
    """Whether the person is the one who last changed what is not published yet."""
    user: Any = request.user
    last = Change.objects.filter(entry=entry, published=None).exclude(fields=APPROVED).first()
    return last is not None and last.who_id == user.pk


def forget(entry: str) -> None:
    """Drop the changes of an entry that was put back: none is left in the draft."""
    Change.objects.filter(entry=entry, published=None).delete()
