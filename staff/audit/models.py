"""One row for each view of a conversation, search, export, change and publication."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import pgettext_lazy


class Action(models.TextChoices):
    """What was done."""

    SIGNED_IN = "signed_in", pgettext_lazy("log", "signed in")
    INVITED = "invited", pgettext_lazy("log", "invited")
    CHANGED_PERSON = "changed_person", pgettext_lazy("log", "changed a person")
    VIEWED = "viewed", pgettext_lazy("log", "opened a conversation")
    UNMASKED = "unmasked", pgettext_lazy("log", "opened the text of a conversation")
    SEARCHED = "searched", pgettext_lazy("log", "searched")
    EXPORTED = "exported", pgettext_lazy("log", "exported")
    REVIEWED = "reviewed", pgettext_lazy("log", "reviewed")
    TAUGHT = "taught", pgettext_lazy("log", "taught")
    EDITED = "edited", pgettext_lazy("log", "edited")
    CHECKED = "checked", pgettext_lazy("log", "checked the draft")
    APPROVED = "approved", pgettext_lazy("log", "approved")
    PUBLISHED = "published", pgettext_lazy("log", "published")
    ROLLED_BACK = "rolled_back", pgettext_lazy("log", "went back")


class Event(models.Model):
    """What someone did, and to what.

    `subject` names an entry, a person or a publication, or is the start of a conversation's keyed
    hash; it never holds what a person wrote, so an erasure leaves nothing behind here.
    """

    when = models.DateTimeField(auto_now_add=True, db_index=True)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    subject = models.CharField(max_length=100, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add a row; none is ever changed."""
        if self.pk:
            raise TypeError("The log is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: the log only grows."""
        raise TypeError("The log is only added to.")


def record(request: HttpRequest | None, action: Action, subject: str = "", detail: str = "") -> None:
    """Write down what the person of a request did."""
    user: Any = request.user if request is not None else None
    Event.objects.create(
        who=user if user is not None and user.is_authenticated else None,
        action=action,
        subject=subject[:100],
        detail=detail[:200],
    )
