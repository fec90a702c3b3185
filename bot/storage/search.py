"""The index by which staff find conversations: the folded words of kept texts.

A table of our own and not a full-text engine, because it is the same on every database and what is
deleted from it is gone at once: an engine's index keeps deleted words until it is merged.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.features import tokens_of
from bot.storage.tables import words

#: Longer words are cut: nobody searches for the rest.
MAX_WORD = 40


def words_of(text: str) -> set[str]:
    """Return the words of a text as they stand in the index: lower case, without accents."""
    return {token[:MAX_WORD] for token in tokens_of(text)}


def index(connection: Connection, turn: int, conversation: str, text: str) -> None:
    """Put the words of one turn into the index."""
    rows = [{"word": word, "turn": turn, "conversation": conversation} for word in sorted(words_of(text))]
    if rows:
        connection.execute(sa.insert(words), rows)
