"""Reads content folders quickly: a file that has not changed is not read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from bot.checks import question_form
from bot.content import LINE, Catalogue, Entry, entries_of, load_catalogue, read_yaml
from bot.terms import Termbase

#: Files kept in memory: those of two folders, and some that were edited.
_MOST_FILES, _MOST_CATALOGUES = 80, 4


@dataclass(frozen=True)
class Question:
    """An example question wherever it stands, entries and other intents alike."""

    intent: str
    text: str
    language: str
    kind: str = ""
    after: str = ""


class File:
    """What one file holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.data: Mapping[str, Any] = read_yaml(path)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries. Raises ContentError when one of them cannot be read."""
        return tuple(entries_of(self.path, self.data))

    @cached_property
    def questions(self) -> Mapping[str, tuple[Question, ...]]:
        """The example questions of each intent."""
        found: dict[str, tuple[Question, ...]] = {}
        for item in self.data.get("nlu") or ():
            intent = str(item["intent"])
            found[intent] = tuple(_question(intent, e) for e in item.get("examples") or ())
        return found

    @cached_property
    def forms(self) -> Mapping[str, tuple[str, int]]:
        """The folded questions, each with its intent and line."""
        return {
            question_form(str(example["text"])): (str(item["intent"]), example[LINE])
            for item in self.data.get("nlu") or ()
            for example in item.get("examples") or ()
        }


def _question(intent: str, example: Mapping[str, Any]) -> Question:
    about = example.get("metadata") or {}
    return Question(
        intent,
        str(example["text"]),
        about.get("language", ""),
        about.get("kind", ""),
        about.get("after", ""),
    )


_files: dict[str, File] = {}


def digest_of(path: Path) -> str:
    """Return a short name for what a file holds."""
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def file_at(path: Path) -> File:
    """Return what a file holds. Raises ContentError when it is no YAML."""
    key = digest_of(path)
    found = _files.pop(key, None) or File(path)
    _files[key] = found  # The last used stands last.
    while len(_files) > _MOST_FILES:
        _files.pop(next(iter(_files)))
    return found


def _entries_at(path: Path) -> Iterator[Entry]:
    for entry in file_at(path).entries:
        yield entry if entry.file == str(path) else replace(entry, file=str(path))


def nlu_files(folder: Path) -> list[Path]:
    """Return the files of questions and answers."""
    return sorted((folder / "nlu").rglob("*.yml"))


def catalogue_of(folder: Path) -> Catalogue:
    """Return everything in a content folder. Raises ContentError when a file cannot be read."""
    paths = [*nlu_files(folder), *sorted(folder.glob("*.yml"))]
    return _catalogue(folder, tuple(digest_of(path) for path in paths))


@lru_cache(maxsize=_MOST_CATALOGUES)
def _catalogue(folder: Path, _digests: tuple[str, ...]) -> Catalogue:
    return load_catalogue(folder, _entries_at)


def termbase_of(folder: Path) -> Termbase:
    """Return the terms of a content folder."""
    path = folder / "termbase.yml"
    key = digest_of(path)
    if key not in _termbases:
        _termbases.clear()
        _termbases[key] = Termbase.read(path)
    return _termbases[key]


#: The last terms that were read: spaCy takes a while to prepare them.
_termbases: dict[str, Termbase] = {}
