"""Counts a day. They hold no text and no id of a conversation, so they may outlive conversations."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Day(models.Model):
    """That a day (UTC) was counted, when (seconds since 1970), and whether for the last time.

    `turns` and `rated` tell cheaply whether it must be counted anew: there are more turns, or fewer
    after an erasure, or more of them have feedback.
    """

    day = models.DateField(primary_key=True)
    counted = models.FloatField(null=True)
    turns = models.PositiveIntegerField(default=0)
    rated = models.PositiveIntegerField(default=0)
    final = models.BooleanField(default=False)


class Count(models.Model):
    """How many turns of a day were alike; `feedback` is empty where nobody gave any."""

    day = models.DateField(db_index=True)
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    decision = models.CharField(max_length=16)
    intent = models.CharField(max_length=100)
    feedback = models.CharField(max_length=16, blank=True)
    turns = models.PositiveIntegerField()


class Took(models.Model):
    """How many replies of a day took how long: `bucket` is a place in staff/figures/took.py."""

    day = models.DateField(db_index=True)
    bucket = models.PositiveSmallIntegerField()
    turns = models.PositiveIntegerField()


class Conversations(models.Model):
    """How many conversations began on a day."""

    day = models.DateField(db_index=True)
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    begun = models.PositiveIntegerField()


class Kept(models.Model):
    """A conversation that the assistant keeps, and when it last changed (bot/storage/tables.py)."""

    id = models.CharField(max_length=64, primary_key=True)
    updated = models.FloatField()

    class Meta:
        managed = False
        db_table = "conversations"
        ordering: ClassVar = ["updated"]
