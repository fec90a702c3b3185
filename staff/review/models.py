"""What the assistant keeps of conversations, and what staff did about them.

The tables are the assistant's (bot/storage/tables.py): it makes them, and deletes the rows of a
conversation when the person erases it or its time is over. So no table of Django's may copy
anything of a conversation.
"""

from __future__ import annotations

from django.db import models


class Turn(models.Model):
    """One message: what was asked (redacted, or not kept) and what the assistant understood.

    `timestamp` is in seconds since 1970, `took` in seconds; `candidates` is JSON, `redacted` names
    with commas between them; `decision` is answer, urgent, choices, unknown or dialogue.
    """

    conversation = models.CharField(max_length=64)
    timestamp = models.FloatField()
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    detected = models.CharField(max_length=8)
    decision = models.CharField(max_length=16)
    intent = models.CharField(max_length=100)
    confidence = models.FloatField()
    candidates = models.TextField()
    text = models.TextField(null=True)
    redacted = models.CharField(max_length=200)
    feedback = models.CharField(max_length=16, null=True)
    delivery = models.CharField(max_length=64, null=True)
    took = models.FloatField(null=True)

    class Meta:
        managed = False
        db_table = "turns"


class Word(models.Model):
    """A folded word of a turn's kept text (bot/storage/search.py)."""

    pk = models.CompositePrimaryKey("word", "turn")
    word = models.CharField(max_length=40)
    turn = models.IntegerField()
    conversation = models.CharField(max_length=64)

    class Meta:
        managed = False
        db_table = "words"


class Review(models.Model):
    """What staff noted of a whole conversation; `labels` have spaces between them."""

    conversation = models.CharField(max_length=64, primary_key=True)
    reviewed = models.FloatField(null=True)
    reviewer = models.IntegerField(null=True)
    assigned = models.IntegerField(null=True)
    labels = models.CharField(max_length=200, default="")

    class Meta:
        managed = False
        db_table = "reviews"


class Note(models.Model):
    """A remark of the staff on a conversation."""

    conversation = models.CharField(max_length=64)
    author = models.IntegerField()
    timestamp = models.FloatField()
    text = models.TextField()

    class Meta:
        managed = False
        db_table = "notes"


class Treatment(models.Model):
    """What became of a turn that needed someone: it leaves the queues."""

    class Kind(models.TextChoices):
        """What was done."""

        ASSIGNED = "assigned"
        NEW_ENTRY = "new_entry"
        OUT_OF_SCOPE = "out_of_scope"
        NOISE = "noise"
        FINE = "fine"

    turn = models.IntegerField(primary_key=True)
    conversation = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    entry = models.CharField(max_length=100, default="")
    author = models.IntegerField()
    timestamp = models.FloatField()

    class Meta:
        managed = False
        db_table = "treatments"
