"""The tables of conversations, and what is done to them outside a conversation.

`conversations` and `events` are what Rasa's tracker is rebuilt from. `turns` is one row a
message for the staff: no sender, no name, only what was asked (redacted) and what was answered.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from bot.errors import StorageError

SECONDS_A_DAY = 86_400

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
)


@dataclass(frozen=True)
class StoredConversation:
    """The end of a conversation: its slots and its last events, oldest first."""

    slots: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]


class Database:
    """Reads and writes conversations. All methods raise StorageError when the database fails."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._sqlite = url.startswith("sqlite")
        if self._sqlite:
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        try:
            self._engine: Engine = (
                sa.create_engine(url, poolclass=NullPool) if url == "sqlite://" else self._make_engine()
            )
            if self._sqlite:
                sa.event.listen(self._engine, "connect", _prepare_sqlite)
            metadata.create_all(self._engine)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise StorageError(
                f"The database does not open ({_reason(error)}): check DATABASE_URL and that its "
                "server runs, or leave it out to use a file under CONOCE_DATA."
            ) from None

    def _make_engine(self) -> Engine:
        if self._sqlite:
            return sa.create_engine(self.url, connect_args={"timeout": 10, "check_same_thread": False})
        return sa.create_engine(self.url, pool_pre_ping=True)

    def load(self, conversation: str, limit: int) -> StoredConversation | None:
        """Return the slots and the last `limit` events of a conversation, or None."""
        with self._transaction() as connection:
            slots = connection.execute(
                sa.select(conversations.c.slots).where(conversations.c.id == conversation)
            ).scalar()
            if slots is None:
                return None
            rows = connection.execute(
                sa.select(events.c.data)
                .where(events.c.conversation == conversation)
                .order_by(events.c.id.desc())
                .limit(limit)
            ).scalars()
            return StoredConversation(json.loads(slots), tuple(json.loads(row) for row in rows)[::-1])

    def append(
        self,
        conversation: str,
        slots: Mapping[str, Any],
        new_events: Iterable[Mapping[str, Any]],
        new_turns: Iterable[Mapping[str, Any]],
        feedback: str | None = None,
        now: float | None = None,
    ) -> None:
        """Write the slots, new events and new turns of a conversation in one transaction.

        `feedback` is noted on the last turn that was answered.
        """
        now = time.time() if now is None else now
        with self._transaction() as connection:
            changed = connection.execute(
                conversations.update()
                .where(conversations.c.id == conversation)
                .values(updated=now, slots=json.dumps(slots))
            )
            if not changed.rowcount:
                connection.execute(
                    conversations.insert().values(id=conversation, updated=now, slots=json.dumps(slots))
                )
            if feedback:
                self._note_feedback(connection, conversation, feedback)
            rows = [
                {
                    "conversation": conversation,
                    "timestamp": event.get("timestamp") or now,
                    "data": json.dumps(event, ensure_ascii=False),
                }
                for event in new_events
            ]
            if rows:
                connection.execute(events.insert(), rows)
            turn_rows = [{"conversation": conversation, **turn} for turn in new_turns]
            if turn_rows:
                connection.execute(turns.insert(), turn_rows)

    @staticmethod
    def _note_feedback(connection: Connection, conversation: str, feedback: str) -> None:
        last = connection.execute(
            sa.select(sa.func.max(turns.c.id)).where(
                turns.c.conversation == conversation, turns.c.decision.in_(("answer", "urgent"))
            )
        ).scalar()
        if last is not None:
            connection.execute(turns.update().where(turns.c.id == last).values(feedback=feedback))

    def erase(self, conversation_ids: Iterable[str]) -> int:
        """Delete conversations with all their texts; return how many there were.

        SQLite keeps deleted text in its files unless it is overwritten and the log is cut, so
        both are done here (docs/privacy.md).
        """
        ids = list(conversation_ids)
        with self._transaction() as connection:
            for table, column in (
                (events, events.c.conversation),
                (turns, turns.c.conversation),
            ):
                connection.execute(table.delete().where(column.in_(ids)))
            found = connection.execute(conversations.delete().where(conversations.c.id.in_(ids)))
        self._forget_deleted()
        return int(found.rowcount)

    def rename(self, old: str, new: str) -> bool:
        """Give all that is kept of conversation `old` to `new`; return whether there was any."""
        with self._transaction() as connection:
            known = set(
                connection.execute(
                    sa.select(conversations.c.id).where(conversations.c.id.in_((old, new)))
                ).scalars()
            )
            if old not in known:
                return False
            for table in (events, turns):
                connection.execute(table.update().where(table.c.conversation == old).values(conversation=new))
            row = conversations.c.id == old
            if new in known:
                connection.execute(conversations.delete().where(row))
            else:
                connection.execute(conversations.update().where(row).values(id=new))
        return True

    def purge(self, days: int, now: float | None = None) -> int:
        """Delete everything of conversations and turns older than `days`; return the conversations."""
        before = (time.time() if now is None else now) - days * SECONDS_A_DAY
        with self._transaction() as connection:
            connection.execute(events.delete().where(events.c.timestamp < before))
            connection.execute(turns.delete().where(turns.c.timestamp < before))
            found = connection.execute(conversations.delete().where(conversations.c.updated < before))
        self._forget_deleted()
        return int(found.rowcount)

    def conversation_ids(self) -> list[str]:
        """Return the ids of all conversations."""
        with self._transaction() as connection:
            return list(connection.execute(sa.select(conversations.c.id)).scalars())

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _forget_deleted(self) -> None:
        if not self._sqlite:
            return
        try:
            with self._engine.connect() as connection:
                busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()
        except sa.exc.SQLAlchemyError as error:
            raise StorageError(f"Deleted text could not be overwritten ({_reason(error)}).") from None
        if busy is not None and busy[0]:
            raise StorageError("Deleted text could not be overwritten, the database is busy: try again.")

    def _transaction(self) -> _Transaction:
        return _Transaction(self._engine)


class _Transaction:
    """`with` around one transaction that turns database errors into StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._context = engine.begin()

    def __enter__(self) -> Connection:
        try:
            return self._context.__enter__()
        except sa.exc.SQLAlchemyError as error:
            raise StorageError(f"The database does not answer ({_reason(error)}).") from None

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        try:
            self._context.__exit__(kind, error, traceback)
        except sa.exc.SQLAlchemyError as failure:
            error = failure
        if isinstance(error, sa.exc.SQLAlchemyError):
            raise StorageError(f"The database does not answer ({_reason(error)}).") from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "secure_delete=ON",
        "busy_timeout=10000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _reason(error: Exception) -> str:
    """Name the error without the statement, which may hold what a person wrote."""
    original = getattr(error, "orig", None)
    return str(original) if original is not None else type(error).__name__
