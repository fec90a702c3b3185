"""What was published, when and by whom."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Publication(models.Model):
    """One version of the content with its archive, kept under `CONOCE_DATA/publications/<id>`."""

    when = models.DateTimeField(auto_now_add=True)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    archive = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    changes = models.JSONField(default=list)
    gained = models.IntegerField(default=0)
    lost = models.IntegerField(default=0)
    #: The publication that was gone back to, for a roll-back.
    of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-id"]
