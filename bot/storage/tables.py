"""The tables.

`conversations` and `events` are what Rasa's tracker is rebuilt from. `turns` is one row a
message for the staff: no sender, no name, only what was asked (redacted) and what was answered.
`deliveries` are the replies of the last day by the message that they answer, so that a message that
comes twice is answered once. `contacts`, `late` and `spending` are what texting needs
(bot/storage/phones.py).
All ids of people are keyed hashes (bot/privacy.py).
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("updated", sa.Float, nullable=False, index=True),
    sa.Column("slots", sa.Text, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation", sa.String(64), nullable=False),
    sa.Column("timestamp", sa.Float, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Index("events_of_conversation", "conversation", "id"),
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sa.Column("timestamp", sa.Float, nullable=False, index=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("detected", sa.String(8), nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("intent", sa.String(100), nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("candidates", sa.Text, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("redacted", sa.String(200), nullable=False),
    sa.Column("feedback", sa.String(16)),
    sa.Column("delivery", sa.String(64), index=True),
)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("language", sa.String(2)),
    sa.Column("welcomed", sa.Float),
    sa.Column("stopped", sa.Float),
    sa.Column("told_limit", sa.Float),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sa.Column("timestamp", sa.Float, nullable=False, index=True),
    sa.Column("texts", sa.Text, nullable=False),
)

late = sa.Table(
    "late",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sa.Column("timestamp", sa.Float, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

spending = sa.Table(
    "spending",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("segments", sa.Integer, nullable=False),
)
