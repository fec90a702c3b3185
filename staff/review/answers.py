"""The published answers, as the pages of the staff name them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.translation import get_language

from bot.content import LANGUAGES, WEB, Entry, Source, load_catalogue
from bot.errors import ReplyError
from bot.settings import content_folder


@dataclass(frozen=True)
class Answer:
    """An entry: `intent` is its name in the tables; titles, texts and questions are by language.

    `asked` is one question as people ask it.
    """

    id: str
    intent: str
    topic: str
    title: Mapping[str, str]
    sources: tuple[Source, ...]
    text: Mapping[str, str]
    asked: Mapping[str, str]

    @property
    def name(self) -> str:
        """The title in the language of the page."""
        return self.title.get(interface_language()) or self.id


@dataclass(frozen=True)
class Answers:
    """All answers by intent, and the topics' names by language."""

    by_intent: Mapping[str, Answer]
    topics: Mapping[str, Mapping[str, str]]

    @property
    def by_id(self) -> Mapping[str, Answer]:
        """The answers by the id that people see."""
        return {answer.id: answer for answer in self.by_intent.values()}

    def topic_name(self, topic: str) -> str:
        """Return a topic's name in the language of the page."""
        return str(self.topics.get(topic, {}).get(interface_language(), topic))

    def intents_of(self, topic: str) -> list[str]:
        """Return the intents of a topic."""
        return [answer.intent for answer in self.by_intent.values() if answer.topic == topic]


def interface_language() -> str:
    """Return the language of the page: one of the two."""
    language = (get_language() or "")[:2]
    return language if language in LANGUAGES else LANGUAGES[0]


def answers() -> Answers:
    """Return the published answers; their files are read again when one of them is newer."""
    folder = content_folder()
    return _read(folder, _newest(folder, int(time.monotonic())))


@lru_cache(maxsize=1)
def _newest(folder: Path, _second: int) -> float:
    """Return when a file changed last; a page asks many times, the folder once a second."""
    files = [folder / "texts.yml", *(folder / "nlu").rglob("*.yml")]
    return max(path.stat().st_mtime for path in files)


@lru_cache(maxsize=1)
def _read(folder: Path, _newest: float) -> Answers:
    catalogue = load_catalogue(folder)
    found = {entry.intent: _answer(entry) for entry in catalogue.entries.values()}
    return Answers(
        by_intent=found,
        topics={
            answer.topic: catalogue.texts.get(f"topic_{answer.topic}", {})
            for answer in sorted(found.values(), key=lambda answer: answer.topic)
        },
    )


def _answer(entry: Entry) -> Answer:
    texts = {}
    for language in LANGUAGES:
        try:
            texts[language] = entry.text(language, WEB)
        except ReplyError:  # a draft may lack a language
            continue
    # From the end, so that the first of each language is left.
    asked = {example.language: example.text for example in reversed(entry.examples) if not example.after}
    return Answer(entry.id, entry.intent, entry.topic, entry.title, entry.sources, texts, asked)
