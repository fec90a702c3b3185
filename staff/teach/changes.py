"""What differs between the draft and what is published."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.content import FAQ, LANGUAGES, SMS, WEB, Entry
from staff.teach.reading import Question, digest_of, file_at, nlu_files

_FIELDS = (
    "facts",
    "topic",
    "audience",
    "sources",
    "reviewed",
    "reviewed_by",
    "review_by",
    "status",
    "volatile",
    "related",
    "resources",
    "states",
)


@dataclass(frozen=True)
class EntryChange:
    """What changed of an entry, or of the questions of another intent."""

    entry: str
    new: bool
    gone: bool
    fields: tuple[str, ...]
    added: tuple[Question, ...]
    removed: tuple[Question, ...]

    @property
    def summary(self) -> str:
        """What changed, short and in no language: `+3 -1 title.en text.es.sms`."""
        counts = [f"{sign}{len(q)}" for sign, q in (("+", self.added), ("-", self.removed)) if q]
        return " ".join([*counts, *self.fields])

    def __str__(self) -> str:
        return f"{self.entry}: {self.summary}"


@dataclass(frozen=True)
class Piece:
    """A part of a text: `kind` is "same", "added" or "removed"."""

    kind: str
    text: str


def differences(published: Path, draft: Path) -> Iterator[EntryChange]:
    """Yield what differs, in the order of the draft's files."""
    paths = {path.relative_to(folder): None for folder in (draft, published) for path in nlu_files(folder)}
    for path in paths:
        old, new = published / path, draft / path
        if old.exists() and new.exists() and digest_of(old) == digest_of(new):
            continue
        yield from _of_file(old, new)


def _of_file(old: Path, new: Path) -> Iterator[EntryChange]:
    before = file_at(old).questions if old.exists() else {}
    after = file_at(new).questions if new.exists() else {}
    entries_before = {e.intent: e for e in file_at(old).entries} if old.exists() else {}
    entries_after = {e.intent: e for e in file_at(new).entries} if new.exists() else {}
    for intent in dict.fromkeys((*after, *before)):
        was, is_ = before.get(intent, ()), after.get(intent, ())
        known, kept = set(was), set(is_)
        change = EntryChange(
            intent.removeprefix(f"{FAQ}/"),
            new=intent not in before,
            gone=intent not in after,
            fields=changed_fields(entries_before.get(intent), entries_after.get(intent)),
            added=tuple(q for q in is_ if q not in known),
            removed=tuple(q for q in was if q not in kept),
        )
        if change.new or change.gone or change.fields or change.added or change.removed:
            yield change


def texts_of(entry: Entry | None) -> dict[str, str]:
    """Return titles and texts by field: `title.en`, `text.es.sms`."""
    found = {f"title.{language}": "" for language in LANGUAGES}
    found |= {f"text.{language}.{channel}": "" for channel in (WEB, SMS) for language in LANGUAGES}
    if entry is not None:
        found |= {f"title.{language}": entry.title.get(language, "") for language in LANGUAGES}
        found |= {f"text.{t.language}.{t.channel}": t.text for t in entry.texts}
    return found


def changed_fields(old: Entry | None, new: Entry | None) -> tuple[str, ...]:
    """Return the names of the fields in which two versions of an entry differ."""
    if old is None or new is None:
        return ()
    was, is_ = texts_of(old), texts_of(new)
    texts = [name for name in is_ if was.get(name, "") != is_[name]]
    return (*texts, *(name for name in _FIELDS if getattr(old, name) != getattr(new, name)))


def digest_of_entry(entry: Entry) -> str:
    """Return what tells one version of an entry from another; questions stay out."""
    data = asdict(entry)
    for name in ("examples", "file", "line"):
        del data[name]
    data["texts"] = sorted(texts_of(entry).items())
    return hashlib.blake2b(json.dumps(data, sort_keys=True).encode(), digest_size=12).hexdigest()


def word_difference(old: str, new: str) -> list[Piece]:
    """Return a text in pieces that stayed, came or went, word by word."""
    before, after = re.findall(r"\s+|[^\s]+", old), re.findall(r"\s+|[^\s]+", new)
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(after[k:m])))
            continue
        if i < j:
            pieces.append(Piece("removed", "".join(before[i:j])))
        if k < m:
            pieces.append(Piece("added", "".join(after[k:m])))
    return pieces
