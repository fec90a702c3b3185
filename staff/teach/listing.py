"""The answers as the list shows them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from bot.content import Catalogue, Entry
from bot.features import fold
from staff.teach.changes import EntryChange
from staff.teach.files import Draft
from staff.teach.problems import problems_in
from staff.teach.reading import termbase_of


class State(TextChoices):
    """By what the list can be narrowed."""

    DRAFT = "draft", pgettext_lazy("answer", "not yet approved")
    APPROVED = "approved", pgettext_lazy("answer", "approved")
    OVERDUE = "overdue", pgettext_lazy("answer", "review overdue")
    CHANGED = "changed", pgettext_lazy("answer", "changed in the draft")
    INCOMPLETE = "incomplete", pgettext_lazy("answer", "incomplete")


@dataclass(frozen=True)
class Row:
    """One answer with what the draft did to it."""

    entry: Entry
    title: str
    overdue: bool
    change: EntryChange | None
    problems: int

    def fits(self, state: str, query: str) -> bool:
        """Whether the row is asked for: a state, and all words of a query anywhere in it."""
        states = {
            State.DRAFT: self.entry.status != "approved",
            State.APPROVED: self.entry.status == "approved",
            State.OVERDUE: self.overdue,
            State.CHANGED: self.change is not None,
            State.INCOMPLETE: self.problems > 0,
        }
        texts = (self.entry.id, *self.entry.title.values(), *(t.text for t in self.entry.texts))
        text = fold(" ".join(texts)) if query else ""
        return bool(states.get(State(state), True) if state else True) and all(
            word in text for word in fold(query).split()
        )


def rows(draft: Draft, language: str) -> list[Row]:
    """Return all answers as the draft has them."""
    catalogue = draft.catalogue()
    changes: Mapping[str, EntryChange] = {change.entry: change for change in draft.changes()}
    terms = termbase_of(draft.root)
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return [
        Row(
            entry,
            entry.title.get(language) or entry.id,
            entry.review_by < today,
            changes.get(entry.id),
            len(problems_in(entry, catalogue, terms)) if entry.id in changes else 0,
        )
        for entry in catalogue.entries.values()
    ]


def by_topic(found: list[Row], catalogue: Catalogue, language: str) -> list[tuple[str, list[Row]]]:
    """Return rows under the names of their topics, what is urgent first."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(found, key=lambda r: (not r.entry.urgent, r.entry.topic, fold(r.title))):
        groups.setdefault(row.entry.topic, []).append(row)
    return [(topic_name(topic, catalogue, language), items) for topic, items in groups.items()]


def topic_name(topic: str, catalogue: Catalogue, language: str) -> str:
    """Return the name of a topic, or its id when it has none."""
    return str((catalogue.texts.get(f"topic_{topic}") or {}).get(language) or topic)
