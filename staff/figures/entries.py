"""What the figures need to know of the answers: title, topic, day of the next review.

Only the head of each entry is read. Examples and answers, nearly all of a file, are cut out before
it is parsed, and each file is parsed once as long as it does not change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

from bot.content import FAQ, read_yaml
from bot.settings import content_folder

#: The examples of an entry, and the answers of a file. A file written otherwise is read whole.
_REST = re.compile(
    r"^  examples:\n(?:(?:  -|   |\s*$).*\n?)*|^responses:\n(?:(?:\s|#|$).*\n?)*",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Head:
    """An entry without its texts; `review_by` is an ISO date."""

    intent: str
    topic: str
    title: Mapping[str, str]
    review_by: str

    @property
    def id(self) -> str:
        """The id that people see (bot/content.py)."""
        return self.intent.removeprefix(f"{FAQ}/")

    def __str__(self) -> str:
        return self.title.get(get_language() or "en") or self.title.get("en") or self.id


def heads() -> Mapping[str, Head]:
    """Return the heads of all entries, by their intent."""
    found: dict[str, Head] = {}
    for path in sorted((content_folder() / "nlu").rglob("*.yml")):
        stat = path.stat()
        found.update({head.intent: head for head in _heads(path, stat.st_mtime_ns, stat.st_size)})
    return found


def topic_name(topic: str) -> str:
    """Return the name of a topic as the assistant says it to people."""
    path = content_folder() / "texts.yml"
    stat = path.stat()
    names = _topics(path, stat.st_mtime_ns, stat.st_size).get(topic, {})
    return names.get(get_language() or "en") or names.get("en") or topic


@lru_cache(maxsize=200)
def _heads(path: Path, _changed: int, _size: int) -> tuple[Head, ...]:
    try:
        data = yaml.load(_REST.sub("", path.read_text(encoding="utf-8")), Loader=yaml.CSafeLoader)
        return tuple(_head(item) for item in data["nlu"] if "/" in str(item["intent"]))
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        # The check of the content says what is wrong with a file; here its titles are missing.
        return ()


def _head(item: Mapping[str, object]) -> Head:
    metadata = item["metadata"]
    if not isinstance(metadata, dict):
        raise TypeError
    title = {str(language): str(words) for language, words in metadata["title"].items()}
    return Head(str(item["intent"]), str(metadata["topic"]), title, str(metadata["review_by"]))


@lru_cache(maxsize=2)
def _topics(path: Path, _changed: int, _size: int) -> Mapping[str, Mapping[str, str]]:
    texts = read_yaml(path)
    return {
        key.removeprefix("topic_"): value
        for key, value in texts.items()
        if key.startswith("topic_") and isinstance(value, dict)
    }
