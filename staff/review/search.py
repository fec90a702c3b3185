"""Finds the turns in which all words of a search occur, newest first, among a million."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from bot.features import tokens_of
from bot.storage.search import MAX_WORD, words_of
from staff.review.models import Turn, Word

#: More words than this narrow nothing down any more.
MAX_TERMS = 8

#: A prefix stands for at most so many words: more than any language begins with one letter here.
_MAX_VARIANTS = 5_000

#: A term with more variants is looked up in the texts, not in the index.
_FEW_VARIANTS = 20

#: A term with fewer rows than this is looked up in one go.
_FEW_ROWS = 1_000

#: For so many seconds frequent words are looked for that rarely come together; then a link leads on.
BUDGET = 0.1

_FIRST_WINDOW = 8_192
_ENOUGH = 50


@dataclass(frozen=True)
class Term:
    """A word that must occur, in any of its variants (a prefix has many)."""

    variants: tuple[str, ...]
    prefix: str = ""

    def in_text(self, text: str) -> bool:
        """Whether the word occurs in a text."""
        words = words_of(text)
        if self.prefix:
            return any(word.startswith(self.prefix) for word in words)
        return not words.isdisjoint(self.variants)


def words_in(query: str) -> list[str]:
    """Return the words of a search as the index has them."""
    return [token[:MAX_WORD] for token in tokens_of(query)][:MAX_TERMS]


def terms_of(query: str) -> list[Term]:
    """Return what must occur; the last word may be the beginning of one while it is typed."""
    words = words_in(query)
    terms = [Term((word,)) for word in dict.fromkeys(words)]
    if words and not query[-1:].isspace():
        prefix = words[-1]
        terms = [Term((word,)) for word in dict.fromkeys(words[:-1])]
        terms.append(Term(tuple(distinct("words", "word", prefix, _MAX_VARIANTS)), prefix))
    return terms


def distinct(table: str, column: str, prefix: str = "", limit: int = 100) -> list[str]:
    """Return the different values of an indexed column that begin with `prefix`.

    Leaps from one value to the next by the index, where DISTINCT would read every row.
    """
    sql = f"""
        WITH RECURSIVE found(value) AS (
            SELECT min({column}) FROM {table} WHERE {column} >= %s AND {column} < %s
            UNION ALL
            SELECT (SELECT min({column}) FROM {table} WHERE {column} > found.value AND {column} < %s)
            FROM found WHERE found.value IS NOT NULL
        )
        SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
    """  # noqa: S608 - the names are written in this app, values are parameters
    end = prefix + "\U0010ffff"
    with connection.cursor() as cursor:
        cursor.execute(sql, [prefix, end, end, limit])
        return [value for (value,) in cursor.fetchall()]


def matches(terms: Sequence[Term], start: int | None, older: bool) -> Iterator[list[int] | int]:
    """Yield batches of the ids of turns in which all terms occur, newest (or oldest) first.

    `start` is the id before (or after) which they lie. Ends when there are no more; when the time
    is spent before, yields where it stopped and ends.
    """
    sizes = {term: _size(term) for term in terms}
    rarest, *others = sorted(terms, key=sizes.__getitem__)
    # Two queries, each a leap: SQLite reads every row for a minimum and a maximum in one.
    first, last = (
        Turn.objects.order_by(order).values_list("id", flat=True).first() for order in ("id", "-id")
    )
    if not sizes[rarest] or first is None or last is None:
        return
    low, high = first, last + 1
    if start is not None:
        low, high = (low, min(start, high)) if older else (max(start + 1, low), high)
    if sizes[rarest] < _FEW_ROWS:
        found = _in_window([rarest], low, high)
        for term in others:
            found = _having(term, found) if found else found
        yield sorted(found, reverse=older)
        return
    narrow = [term for term in others if len(term.variants) <= _FEW_VARIANTS]
    wide = [term for term in others if len(term.variants) > _FEW_VARIANTS]
    width, until = _FIRST_WINDOW, time.monotonic() + BUDGET
    while low < high:
        begin, end = (max(low, high - width), high) if older else (low, min(low + width, high))
        found = _in_window([rarest, *narrow], begin, end)
        for term in wide:
            found = _having(term, found) if found else found
        if found:
            yield sorted(found, reverse=older)
        low, high = (low, begin) if older else (end, high)
        # Of what is rarely there, more is looked at in one go.
        width = width * 2 if len(found) < _ENOUGH else width
        if time.monotonic() > until and low < high:
            yield begin if older else end - 1
            return


def _in_window(terms: Sequence[Term], begin: int, end: int) -> set[int]:
    """Return the turns from `begin` to before `end` that the index has under all terms."""
    first, *others = (
        Word.objects.filter(word__in=term.variants, turn__gte=begin, turn__lt=end)
        .order_by()
        .values_list("turn", flat=True)
        for term in terms
    )
    return set(first.intersection(*others) if others else first)


def _size(term: Term) -> int:
    if not term.variants:
        return 0
    return Word.objects.filter(word__in=term.variants).values("turn")[:_FEW_ROWS].count()


def _having(term: Term, ids: set[int]) -> set[int]:
    """Return the turns among `ids` in which a term occurs."""
    if len(term.variants) <= _FEW_VARIANTS:
        rows = Word.objects.filter(word__in=term.variants, turn__in=ids)
        return set(rows.values_list("turn", flat=True))
    texts = Turn.objects.filter(id__in=ids).values_list("id", "text")
    return {turn for turn, text in texts if term.in_text(text or "")}
