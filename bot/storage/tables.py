"""The tables.

`conversations` and `events` are what Rasa's tracker is rebuilt from. `turns` is one row a
message for the staff: no sender, no name, only what was asked (redacted) and what was answered.
`deliveries` are the replies of the last day by the message that they answer, so that a message that
comes twice is answered once. `contacts`, `late` and `spending` are what texting needs
(bot/storage/phones.py).
`words` is the index of the words of kept texts, by which staff search. `reviews`, `notes` and
`treatments` are what staff did about a conversation (staff/review); they are here, because they go
when the conversation goes. A row of `treatments` says what became of one turn.
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
    sa.Column("took", sa.Float),
    # What staff filter by, each in the order of time (staff/review). The confidence stands in the
    # first, so that those of low confidence are found without reading the others.
    sa.Index("turns_by_decision", "decision", "timestamp", "id", "confidence"),
    sa.Index("turns_by_intent", "intent", "timestamp", "id"),
    sa.Index("turns_by_channel", "channel", "timestamp", "id"),
    sa.Index(
        "turns_in_doubt",
        "timestamp",
        "id",
        sqlite_where=sa.text("detected <> language"),
        postgresql_where=sa.text("detected <> language"),
    ),
    sa.Index("turns_by_confidence", "confidence", "id"),
    sa.Index(
        "turns_by_feedback",
        "feedback",
        "timestamp",
        "id",
        sqlite_where=sa.text("feedback IS NOT NULL"),
        postgresql_where=sa.text("feedback IS NOT NULL"),
    ),
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

words = sa.Table(
    "words",
    metadata,
    # In the order of its bytes, by which all words with a beginning lie together.
    sa.Column(
        "word",
        sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"),
        primary_key=True,
    ),
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sqlite_with_rowid=False,
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("reviewed", sa.Float, index=True),
    sa.Column("reviewer", sa.Integer),
    sa.Column("assigned", sa.Integer, index=True),
    sa.Column("labels", sa.String(200), nullable=False, server_default=""),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sa.Column("author", sa.Integer, nullable=False),
    sa.Column("timestamp", sa.Float, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

treatments = sa.Table(
    "treatments",
    metadata,
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("conversation", sa.String(64), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("entry", sa.String(100), nullable=False, server_default=""),
    sa.Column("author", sa.Integer, nullable=False),
    sa.Column("timestamp", sa.Float, nullable=False),
)
