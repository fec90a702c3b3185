"""What phones and their users write besides questions: commands, reactions, edits (data/phone.yml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.content import LANGUAGES, read_yaml, without_lines
from bot.features import exact_form, fold
from bot.language import LanguageIdentifier
from bot.settings import content_folder

STOP, START, HELP, ERASE, EMERGENCY = "stop", "start", "help", "erase", "emergency"

_EDGES = " \t\n.,;:!?¡¿\"'“”«»()*_-"
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Keyword:
    """A command that was the whole message. `language` is the one that it shows, or ""."""

    command: str
    language: str
    word: str


class Habits:
    """Reads messages as phones send them. Make one with `load_habits`."""

    def __init__(self, data: Mapping[str, Any], languages: LanguageIdentifier) -> None:
        self._languages = languages
        self._keywords = {
            str(word): Keyword(command, str(language), str(word))
            for command, words in data["keywords"].items()
            for word, language in words.items()
        }
        self._carrier = frozenset(map(str, data["carrier_answers"]))
        self._nudges = frozenset(map(str, data["nudges"]))
        self._cues = tuple(map(str, data["urgent_cues"]))
        self._reactions = [re.compile(p, re.IGNORECASE | re.DOTALL) for p in data["reactions"]]
        self._edits = [re.compile(p, re.IGNORECASE | re.DOTALL) for p in data["edits"]]
        self.limits: Mapping[str, int] = data["limits"]
        self.price: Mapping[str, Any] = data["price"]

    def keyword(self, text: str) -> Keyword | None:
        """Return the command that a whole message is, if it is one."""
        return self._keywords.get(_bare(text))

    def is_nudge(self, text: str) -> bool:
        """Whether a message only asks for an answer that is still to come: "ok", "?"."""
        return _bare(text) in self._nudges or not any(map(str.isalnum, text))

    def carrier_answers(self, keyword: Keyword) -> bool:
        """Whether the carrier replies to this word by itself in SMS."""
        return keyword.word in self._carrier

    def looks_urgent(self, text: str) -> bool:
        """Whether a message holds a word of an emergency; takes rather too much than too little."""
        folded = f" {exact_form(text)} "
        return any(cue in folded for cue in self._cues)

    def language_of(self, text: str) -> str:
        """Return en or es when a message shows it by itself, else ""."""
        detected = self._languages.detect(text).detected
        return detected if detected in LANGUAGES else ""

    def is_reaction(self, text: str) -> bool:
        """Whether a phone wrote this because somebody reacted to a message with a picture."""
        return any(pattern.fullmatch(text.strip()) for pattern in self._reactions)

    def meant(self, text: str) -> str:
        """Return what the sender meant: of an edited message the new text."""
        for pattern in self._edits:
            if found := pattern.fullmatch(text.strip()):
                return found["text"]
        return text


def _bare(text: str) -> str:
    """Return a message without what stands around it; marks within make it a sentence, no command."""
    return _SPACES.sub(" ", fold(text).strip(_EDGES))


def load_habits() -> Habits:
    """Read data/phone.yml and data/language.yml."""
    data, lists = (
        without_lines(read_yaml(content_folder() / name)) for name in ("phone.yml", "language.yml")
    )
    return Habits(data, LanguageIdentifier(lists))
