"""Conversations in the database, and what is done to them outside a conversation."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool, QueuePool

from bot.errors import StorageError
from bot.storage.search import index
from bot.storage.tables import (
    contacts,
    conversations,
    deliveries,
    events,
    late,
    metadata,
    notes,
    reviews,
    treatments,
    turns,
    words,
)

SECONDS_A_DAY = 86_400

#: Tables of which each row belongs to a conversation and goes with it.
_OWNED = (events, turns, deliveries, late, words, reviews, notes, treatments)


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
            _add_columns(self._engine)
            _add_indexes(self._engine)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise StorageError(
                f"The database does not open ({_reason(error)}): check DATABASE_URL and that its "
                "server runs, or leave it out to use a file under CONOCE_DATA."
            ) from None

    def _make_engine(self) -> Engine:
        if self._sqlite:
            # SQLAlchemy 1.4 opens a file anew for each transaction, which costs more than the work.
            return sa.create_engine(
                self.url, poolclass=QueuePool, connect_args={"timeout": 10, "check_same_thread": False}
            )
        return sa.create_engine(self.url, pool_pre_ping=True)

    def load(self, conversation: str, limit: int) -> StoredConversation | None:
        """Return the slots and the last `limit` events of a conversation, or None."""
        with self.transaction() as connection:
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
        delivery: tuple[str, Sequence[Mapping[str, Any]]] | None = None,
        now: float | None = None,
    ) -> None:
        """Write the slots, new events and new turns of a conversation in one transaction.

        `feedback` is noted on the last turn that was answered. `delivery` is the id of the message
        and its replies, for when it comes again.
        """
        now = time.time() if now is None else now
        with self.transaction() as connection:
            put(connection, conversations, conversation, updated=now, slots=json.dumps(slots))
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
            for turn in new_turns:
                added = connection.execute(turns.insert().values(conversation=conversation, **turn))
                index(connection, added.inserted_primary_key[0], conversation, turn.get("text") or "")
            if delivery:
                texts = json.dumps(delivery[1], ensure_ascii=False)
                put(
                    connection, deliveries, delivery[0], conversation=conversation, timestamp=now, texts=texts
                )

    @staticmethod
    def _note_feedback(connection: Connection, conversation: str, feedback: str) -> None:
        last = connection.execute(
            sa.select(sa.func.max(turns.c.id)).where(
                turns.c.conversation == conversation, turns.c.decision.in_(("answer", "urgent"))
            )
        ).scalar()
        if last is not None:
            connection.execute(turns.update().where(turns.c.id == last).values(feedback=feedback))

    def replies_to(self, delivery: str) -> list[dict[str, Any]] | None:
        """Return what was replied to a message, or None when it was not stored yet."""
        with self.transaction() as connection:
            texts = connection.execute(
                sa.select(deliveries.c.texts).where(deliveries.c.id == delivery)
            ).scalar()
        return None if texts is None else list(json.loads(texts))

    def rate(self, delivery: str, feedback: str) -> bool:
        """Note feedback on the turn of a message; return whether there is such a turn."""
        with self.transaction() as connection:
            changed = connection.execute(
                turns.update().where(turns.c.delivery == delivery).values(feedback=feedback)
            )
        return bool(changed.rowcount)

    def erase(self, conversation_ids: Iterable[str]) -> int:
        """Delete conversations with all their texts; return how many there were.

        SQLite keeps deleted text in its files unless it is overwritten and the log is cut, so
        both are done here (docs/privacy.md).
        """
        ids = list(conversation_ids)
        with self.transaction() as connection:
            for table in _OWNED:
                connection.execute(table.delete().where(table.c.conversation.in_(ids)))
            # Only that somebody wants no more messages outlives an erasure.
            kept = contacts.update().where(contacts.c.id.in_(ids))
            connection.execute(kept.values(welcomed=None, language=None, told_limit=None))
            found = connection.execute(conversations.delete().where(conversations.c.id.in_(ids)))
        self._forget_deleted()
        return int(found.rowcount)

    def adopt(self, names: Sequence[str]) -> None:
        """Keep under the first of a sender's names what is kept under the others.

        After a change of keys a sender has two (bot/privacy.py, `Pseudonyms.all`).
        """
        current, *previous = names
        for name in previous:
            self.rename(name, current)

    def rename(self, old: str, new: str) -> bool:
        """Give all that is kept of conversation `old` to `new`; return whether there was any."""
        with self.transaction() as connection:
            moved = False
            for table in (conversations, contacts):
                known = connection.execute(sa.select(table.c.id).where(table.c.id.in_((old, new)))).scalars()
                match sorted(known, key=(new, old).index):
                    case [_, _]:
                        if table is contacts:
                            _keep_stopped(connection, old, new)
                        connection.execute(table.delete().where(table.c.id == old))
                    case [only] if only == old:
                        connection.execute(table.update().where(table.c.id == old).values(id=new))
                    case _:
                        continue
                moved = True
            for table in _OWNED if moved else ():
                connection.execute(table.update().where(table.c.conversation == old).values(conversation=new))
        return moved

    def purge(self, days: int, now: float | None = None) -> int:
        """Delete everything of conversations and turns older than `days`; return the conversations."""
        now = time.time() if now is None else now
        before = now - days * SECONDS_A_DAY
        with self.transaction() as connection:
            connection.execute(events.delete().where(events.c.timestamp < before))
            old = sa.select(turns.c.id).where(turns.c.timestamp < before)
            for table in (words, treatments):
                connection.execute(table.delete().where(table.c.turn.in_(old)))
            connection.execute(turns.delete().where(turns.c.timestamp < before))
            found = connection.execute(conversations.delete().where(conversations.c.updated < before))
            kept = sa.select(conversations.c.id)
            for table in (reviews, notes):
                connection.execute(table.delete().where(table.c.conversation.not_in(kept)))
            connection.execute(contacts.update().where(contacts.c.welcomed < before).values(welcomed=None))
            connection.execute(
                contacts.delete().where(contacts.c.welcomed.is_(None), contacts.c.stopped.is_(None))
            )
            for table in (deliveries, late):
                connection.execute(table.delete().where(table.c.timestamp < now - SECONDS_A_DAY))
        self._forget_deleted()
        return int(found.rowcount)

    def conversation_ids(self) -> list[str]:
        """Return the ids of all conversations."""
        with self.transaction() as connection:
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

    def transaction(self) -> _Transaction:
        """Return a `with` block around one transaction."""
        return _Transaction(self._engine)


def put(connection: Connection, table: sa.Table, id_: str, **values: object) -> None:
    """Set columns of the row of a table with this `id`, which may be new."""
    changed = connection.execute(table.update().where(table.c.id == id_).values(**values))
    if not changed.rowcount:
        connection.execute(table.insert().values(id=id_, **values))


def _keep_stopped(connection: Connection, old: str, new: str) -> None:
    stopped = connection.execute(sa.select(contacts.c.stopped).where(contacts.c.id == old)).scalar()
    if stopped is not None:
        connection.execute(contacts.update().where(contacts.c.id == new).values(stopped=stopped))


def _add_columns(engine: Engine) -> None:
    """Add what a newer release has to the tables of an older one: columns that may be empty."""
    known = sa.inspect(engine)
    for table in metadata.sorted_tables:
        present = {column["name"] for column in known.get_columns(table.name)}
        for column in table.columns:
            if column.name not in present:
                kind = column.type.compile(engine.dialect)
                with engine.begin() as connection:
                    connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")


def _add_indexes(engine: Engine) -> None:
    """Make the indexes that a newer release has on the tables of an older one."""
    known = sa.inspect(engine)
    for table in metadata.sorted_tables:
        present = {found["name"] for found in known.get_indexes(table.name)}
        for missing in (new for new in table.indexes if new.name not in present):
            with engine.begin() as connection:
                # Another process may just have made it.
                connection.execute(sa.schema.CreateIndex(missing, if_not_exists=True))


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
