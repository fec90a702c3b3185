"""Who changed which entry, and when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

#: What stands in `fields` for an approval, and for an entry that is new.
APPROVED, NEW = "approved", "new"


class Change(models.Model):
    """One change in the draft; `fields` names what changed, never what somebody wrote.

    `published` is the number of the publication that it came out with, None before.
    """

    entry = models.CharField(max_length=100, db_index=True)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    when = models.DateTimeField(auto_now_add=True)
    fields = models.CharField(max_length=300)
    published = models.IntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
