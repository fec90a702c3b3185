"""Pages of turns by keyset: the database leaps to the place and reads one page from there."""

from __future__ import annotations

import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict

from staff.review.filters import TurnFilter
from staff.review.models import Turn
from staff.review.search import matches, terms_of

PAGE = 50

#: So many ids are asked for at once.
_CHUNK = 200


@dataclass(frozen=True)
class Place:
    """Where a page begins: at a turn, which need not exist any more."""

    timestamp: float
    turn: int

    def __str__(self) -> str:
        return f"{self.timestamp!r}_{self.turn}"

    @classmethod
    def of(cls, turn: Turn) -> Place:
        """Return the place of a turn."""
        return cls(turn.timestamp, turn.id)

    @classmethod
    def read(cls, written: str) -> Place | None:
        """Read what `str` wrote, or return None."""
        match = re.fullmatch(r"(\d{1,12}(?:\.\d{1,12})?)_(\d{1,9})", written, re.ASCII)
        return cls(float(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class Page:
    """Turns, newest first. `further` is where to go on when the search stopped before its end."""

    turns: Sequence[Turn]
    more: bool = False
    further: Place | None = None


class Listing:
    """The turns that filters and a search leave."""

    def __init__(self, data: QueryDict, request: HttpRequest) -> None:
        typed = data.get("q", "")[:200].replace("\0", " ")
        self.query = typed.strip()
        self.terms = terms_of(typed)
        self.filter = TurnFilter(data, request, by_id=bool(self.terms))

    @property
    def empty(self) -> bool:
        """Whether what was typed has no word to search for."""
        return bool(self.query) and not self.terms

    def page(
        self, place: Place | None = None, older: bool = True, size: int = PAGE, apart_from: str = ""
    ) -> Page:
        """Return the turns before (`older`) or after a place, without one conversation's."""
        if self.empty or not self.filter.form.is_valid():
            return Page(())
        streams = self.filter.streams
        if apart_from:
            streams = [stream.exclude(conversation=apart_from) for stream in streams]
        if self.terms:
            return self._found(streams[0], place, older, size)
        turns = newest(streams, size + 1, place, older)
        return _page(turns, size, older)

    def _found(self, turns: QuerySet[Turn], place: Place | None, older: bool, size: int) -> Page:
        """Return a page of a search. It goes by id: turns are numbered as they come."""
        found: list[Turn] = []
        for ids in matches(self.terms, place.turn if place else None, older):
            if isinstance(ids, int):
                # The time of a place is not looked at in a search.
                return Page(found if older else found[::-1], further=Place(0.0, ids) if older else None)
            for start in range(0, len(ids), _CHUNK):
                part = turns.filter(id__in=ids[start : start + _CHUNK]).order_by("-id" if older else "id")
                found += part[: size + 1 - len(found)]
                if len(found) > size:
                    return _page(found, size, older)
        return _page(found, size, older)


def newest(
    streams: Sequence[QuerySet[Turn]], size: int, place: Place | None = None, older: bool = True
) -> list[Turn]:
    """Return the newest turns of several sets before a place (or the oldest after it)."""
    order = ("-timestamp", "-id") if older else ("timestamp", "id")
    parts: list[QuerySet[Turn]] = []
    for stream in streams:
        if place and older:
            stream = stream.filter(timestamp__lte=place.timestamp).filter(
                Q(timestamp__lt=place.timestamp) | Q(id__lt=place.turn)
            )
        elif place:
            stream = stream.filter(timestamp__gte=place.timestamp).filter(
                Q(timestamp__gt=place.timestamp) | Q(id__gt=place.turn)
            )
        parts.append(stream.order_by(*order)[:size])
    if len(parts) == 1:
        return list(parts[0])
    # Most of what the sets give is not among the newest of all: rows are read for those only.
    places = (part.values_list("timestamp", "id") for part in parts)
    ids = [turn for _timestamp, turn in islice(heapq.merge(*places, reverse=older), size)]
    turns = Turn.objects.in_bulk(ids)
    return [turns[turn] for turn in ids if turn in turns]


def _page(turns: list[Turn], size: int, older: bool) -> Page:
    shown = turns[:size]
    return Page(shown if older else shown[::-1], more=len(turns) > size)
