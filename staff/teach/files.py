"""The draft: a copy of the published content in which changes collect.

Each change reads the file again before it takes the old one's place, and compares it with what was
meant; so a change that YAML would read in another way never gets there. Files change one at a time,
under a lock, and each at once (os.replace).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.candidate import digest_of
from bot.checks import problems_of, question_form, unseen
from bot.content import (
    FAQ,
    LANGUAGES,
    SMS,
    URGENT,
    WEB,
    Catalogue,
    Entry,
    entries_of,
    without_lines,
)
from bot.errors import ConoceError, ContentError
from staff.teach.changes import EntryChange, differences, digest_of_entry
from staff.teach.document import Document
from staff.teach.new_entry import NewEntry, parts_of
from staff.teach.reading import catalogue_of, file_at, nlu_files

#: What may be changed on an entry: a field of its metadata, `title.en`, `text.es.sms`, `sources`.
TEXT_FIELDS = tuple(f"text.{language}.{channel}" for channel in (WEB, SMS) for language in LANGUAGES)
TITLE_FIELDS = tuple(f"title.{language}" for language in LANGUAGES)
PLAIN_FIELDS = (
    "audience",
    "reviewed",
    "reviewed_by",
    "review_by",
    "status",
    "volatile",
    "related",
    "resources",
)

Value = str | bool | Sequence[str] | Sequence[Mapping[str, str]]


class Conflict(ConoceError):
    """Somebody else changed the entry in the meantime."""


def intent_of(id_: str) -> str:
    """Return the intent of an entry's id, or of another intent that has examples."""
    plain = id_.startswith((f"{FAQ}/", f"{URGENT}/")) or id_ in ("near_scope", "out_of_scope")
    return id_ if plain else f"{FAQ}/{id_}"


class Draft:
    """The draft in `folder` of the content in `published`; it comes to be with the first change."""

    def __init__(self, published: Path, folder: Path) -> None:
        self.published = published
        self.folder = folder

    @property
    def exists(self) -> bool:
        """Whether anything was changed since the last publication."""
        return self.folder.is_dir()

    @property
    def stale(self) -> bool:
        """Whether what is published changed since the draft began: publishing would undo that."""
        try:
            return self.exists and self._base.read_text(encoding="utf-8") != digest_of(self.published)
        except OSError:
            return True

    @property
    def _base(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.base")

    @property
    def root(self) -> Path:
        """The folder to read: the draft, or what is published while there is none."""
        return self.folder if self.exists else self.published

    def catalogue(self) -> Catalogue:
        """Return everything as the draft has it. Raises ContentError."""
        return catalogue_of(self.root)

    def published_catalogue(self) -> Catalogue:
        """Return everything as it is published. Raises ContentError."""
        return catalogue_of(self.published)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep everybody else from changing the draft."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with (self.folder.parent / f"{self.folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def clear(self) -> None:
        """Throw the draft away."""
        with self.locked():
            shutil.rmtree(self.folder, ignore_errors=True)

    def digest(self, id_: str) -> str:
        """Return what tells one version of an entry from another; questions stay out."""
        return digest_of_entry(self.catalogue().entries[intent_of(id_)])

    def problems(self) -> list[str]:
        """Return every problem of the whole draft, one line each, beginning with file and line."""
        try:
            found = list(problems_of(self.catalogue(), self.root, lambda path: file_at(path).data))
        except ContentError as error:
            found = list(error.problems)
        return [problem.replace(f"{self.root}/", "") for problem in found]

    def changes(self) -> list[EntryChange]:
        """Return what differs from what is published, an entry or intent each."""
        return list(differences(self.published, self.root)) if self.exists else []

    def places_of(self, text: str) -> list[tuple[str, str, int]]:
        """Return where a question stands already: intent, file and line."""
        form = question_form(text)
        found = []
        for path in nlu_files(self.root):
            if place := file_at(path).forms.get(form):
                found.append((place[0], str(path.relative_to(self.root)), place[1]))
        return found

    def add_example(self, id_: str, text: str, language: str, kind: str = "") -> None:
        """Add a question to an entry, or to another intent; `kind` is what near_scope needs.

        Raises ContentError when it cannot be one, or stands somewhere already.
        """
        metadata = {"language": language} | ({"kind": kind} if kind else {})
        intent = intent_of(id_)
        if problem := problem_of_example(text):
            raise ContentError([f"{id_}: {problem}"])
        with self.locked():
            if places := self.places_of(text):
                other, name, line = places[0]
                raise ContentError([f"{name}:{line}: this question of {id_} is also in {other}."])
            self._change(intent, lambda file: file.add_example(intent, text, metadata))

    def remove_example(self, id_: str, text: str, language: str) -> None:
        """Take a question out. Raises ContentError when it is not there."""
        intent = intent_of(id_)
        with self.locked():
            self._change(intent, lambda file: file.remove_example(intent, text, language))

    def update(self, id_: str, values: Mapping[str, Value], expected: str = "") -> tuple[str, ...]:
        """Set fields of an entry and return those that changed.

        Raises Conflict when the entry is another one than that with the digest `expected`,
        ContentError when a file would not hold what was meant.
        """
        intent = intent_of(id_)
        with self.locked():
            entry = self.catalogue().entries[intent]
            if expected and expected != digest_of_entry(entry):
                raise Conflict(id_)
            changed = {name: value for name, value in values.items() if not _same(entry, name, value)}
            if changed:
                self._change(intent, lambda file: _set(file, intent, changed))
        return tuple(changed)

    def add_entry(self, new: NewEntry) -> None:
        """Put a new entry at the end of the file of its topic. Raises ContentError."""
        intent = f"{FAQ}/{new.id}"
        with self.locked():
            catalogue = self.catalogue()
            if intent in catalogue.entries:
                raise ContentError([f"{new.id}: this name is taken."])
            parts = parts_of(new)
            self._begin()
            path = self._file_of_topic(new.topic)
            if not path.exists():
                path.write_text('version: "3.1"\n\nnlu:\n\nresponses:\n', encoding="utf-8")
            self._write(path, lambda file: file.add_entry(*parts))

    def discard(self, id_: str) -> None:
        """Put an entry, or another intent, back as it is published; a new one goes."""
        intent = intent_of(id_)
        if not self.exists:
            return
        with self.locked():
            path = self._file_of(intent)
            origin = self.published / path.relative_to(self.folder)
            if not origin.exists() and len(file_at(path).questions) == 1:
                path.unlink()
            else:
                before = None
                if origin.exists() and intent in file_at(origin).questions:
                    found = file_at(origin)
                    before = Document(found.text, found.data, str(origin))
                self._write(path, lambda file: file.take_back(intent, before))
            if not any(differences(self.published, self.folder)):
                shutil.rmtree(self.folder)

    def _begin(self) -> None:
        """Copy what is published, unless there is a draft."""
        if self.exists:
            return
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(self.published, fresh)
        self._base.write_text(digest_of(self.published), encoding="utf-8")
        fresh.rename(self.folder)

    def _file_of(self, intent: str) -> Path:
        for path in nlu_files(self.root):
            if intent in file_at(path).questions:
                return path
        raise ContentError([f"{intent} is in no file."])

    def _file_of_topic(self, topic: str) -> Path:
        """Return the file named after a topic, or the one with most of its entries, or a new one."""
        named = self.folder / "nlu" / FAQ / f"{topic}.yml"
        files = [Path(e.file) for e in self.catalogue().entries.values() if e.topic == topic and not e.urgent]
        return named if named.exists() or not files else max(sorted(set(files)), key=files.count)

    def _change(self, intent: str, change: Callable[[Document], None]) -> None:
        self._begin()
        self._write(self._file_of(intent), change)

    def _write(self, path: Path, change: Callable[[Document], None]) -> None:
        """Change one file, unless it would then not hold what was meant or could not be read."""
        found = file_at(path)
        file = Document(found.text, found.data, str(path.relative_to(self.folder)))
        change(file)
        fresh = path.with_name(f".{path.name}.new")
        try:
            with fresh.open("w", encoding="utf-8") as out:
                out.write(file.text())
                out.flush()
                os.fsync(out.fileno())
            held = file_at(fresh)
            if without_lines(held.data) != file.meant:
                raise ContentError(
                    [f"{path.name}:1: this change cannot be made here: edit the file by hand."]
                )
            entries_of(path, held.data)
            os.replace(fresh, path)
        except (ContentError, UnicodeEncodeError) as error:
            problems = error.problems if isinstance(error, ContentError) else [f"{path}:1: {error.reason}"]
            shown = [p.replace(str(fresh), str(path)).replace(f"{self.folder}/", "") for p in problems]
            raise ContentError(shown) from None
        finally:
            fresh.unlink(missing_ok=True)


def problem_of_example(text: str) -> str:
    """Return why a text cannot be an example question, or ""."""
    if not question_form(text):
        return "a question needs words."
    if any(unseen(character) for character in text):
        return "an invisible character: take it out."
    # Rasa reads brackets as the mark of an entity; the labels of redacted texts have them too.
    return "brackets or braces: take them out." if set("[]{}") & set(text) else ""


def _same(entry: Entry, name: str, value: Value) -> bool:
    kind, _, rest = name.partition(".")
    if kind == "title":
        return entry.title.get(rest, "") == value
    if kind == "text":
        language, _, channel = rest.partition(".")
        return any((t.language, t.channel, t.text) == (language, channel, value) for t in entry.texts)
    if kind == "sources":
        return [asdict(source) for source in entry.sources] == list(value)  # type: ignore[arg-type]
    held = getattr(entry, name)
    return (list(held) == list(value)) if isinstance(held, tuple) else held == value  # type: ignore[arg-type]


def _set(file: Document, intent: str, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        kind, _, rest = name.partition(".")
        if kind == "title":
            file.set_title(intent, rest, value)
        elif kind == "text":
            language, _, channel = rest.partition(".")
            file.set_text(intent, language, channel, value)
        elif kind == "sources":
            file.set_sources(intent, value)
        elif name in PLAIN_FIELDS:
            file.set_field(intent, name, value)
        else:
            raise ValueError(name)
