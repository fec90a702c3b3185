"""What texting needs to remember of a sender: that, and no more.

A sender is a keyed hash, a delivery a hash of the carrier's id of the message. Kept are the day of
the first warnings, whether the sender wants no more messages, and for a day what was replied to
which delivery.
"""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.database import Database, put
from bot.storage.tables import contacts, deliveries, late, spending


@dataclass(frozen=True)
class Contact:
    """What is known of a sender.

    told_limit  when a limit was last explained, 0 for never
    waiting     whether an answer to an earlier message is still to be sent
    """

    id: str
    language: str = ""
    welcomed: bool = False
    stopped: bool = False
    told_limit: float = 0.0
    waiting: bool = False


@dataclass(frozen=True)
class Delivery:
    """What was replied to a message of the carrier, and how many seconds ago."""

    texts: tuple[str, ...]
    age: float


class PhoneBook:
    """Contacts and deliveries. All methods raise StorageError when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, names: Sequence[str], delivery: str) -> tuple[Contact, Delivery | None]:
        """Return what is known of a sender, and of a delivery that came before.

        `names` are the sender's under the current and the previous key: what is kept under the
        previous one is moved.
        """
        self._database.adopt(names)
        current = names[0]
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(contacts).where(contacts.c.id == current)).first()
            waiting = connection.execute(
                sa.select(late.c.id).where(late.c.conversation == current).limit(1)
            ).first()
            sent = connection.execute(sa.select(deliveries).where(deliveries.c.id == delivery)).first()
        contact = Contact(current, waiting=waiting is not None)
        if row is not None:
            contact = replace(
                contact,
                language=row.language or "",
                welcomed=row.welcomed is not None,
                stopped=row.stopped is not None,
                told_limit=row.told_limit or 0.0,
            )
        return contact, sent and Delivery(tuple(json.loads(sent.texts)), time.time() - sent.timestamp)

    def change(self, contact: str, **values: object) -> None:
        """Set columns of a contact, who may be new."""
        with self._database.transaction() as connection:
            put(connection, contacts, contact, **values)

    def close(
        self, contact: str, delivery: str, texts: Sequence[str], segments: int, *, keep: bool = True
    ) -> list[str]:
        """Note what is replied to a delivery; return it, after the answers that came too late before.

        `keep` is false for the reply to an erasure, which must leave nothing of the sender behind.
        """
        with self._database.transaction() as connection:
            waiting = connection.execute(
                sa.select(late.c.id, late.c.text).where(late.c.conversation == contact).order_by(late.c.id)
            ).all()
            if waiting:
                connection.execute(late.delete().where(late.c.id.in_([row.id for row in waiting])))
            said = [*(row.text for row in waiting), *texts]
            connection.execute(
                deliveries.insert().values(
                    id=delivery, conversation=contact if keep else "", timestamp=time.time(),
                    texts=json.dumps(said, ensure_ascii=False),
                )
            )  # fmt: skip
            _spend(connection, segments)
        return said

    def put_late(self, contact: str, texts: Sequence[str]) -> None:
        """Keep an answer that came too late for its own reply."""
        with self._database.transaction() as connection:
            rows = [{"conversation": contact, "timestamp": time.time(), "text": text} for text in texts]
            if rows:
                connection.execute(late.insert(), rows)

    def spent(self) -> int:
        """Return the segments sent today (UTC)."""
        with self._database.transaction() as connection:
            found = connection.execute(sa.select(spending.c.segments).where(spending.c.day == _today()))
            return int(found.scalar() or 0)

    def erase(self, contact: str) -> None:
        """Delete all that is kept of a sender, but that they want no more messages."""
        self._database.erase([contact])


def _spend(connection: Connection, segments: int) -> None:
    today = spending.c.day == _today()
    added = connection.execute(spending.update().where(today).values(segments=spending.c.segments + segments))
    if not added.rowcount:
        connection.execute(spending.delete().where(spending.c.day < _today()))
        connection.execute(spending.insert().values(day=_today(), segments=segments))


def _today() -> str:
    return datetime.datetime.now(tz=datetime.UTC).date().isoformat()
