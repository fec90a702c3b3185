"""The termbase: chosen terms in both languages, and words that no text uses (data/termbase.yml).

spaCy's blank pipelines give the tokens and its PhraseMatcher the phrases, in any case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.matcher import PhraseMatcher

from bot.content import LANGUAGES, read_yaml, without_lines


class Termbase:
    """Holds texts to the terms. Make one with `read`."""

    def __init__(self, terms: Sequence[Mapping[str, Any]], forbidden: Mapping[str, Any]) -> None:
        self._terms = [{language: tuple(term[language]) for language in LANGUAGES} for term in terms]
        self._instead = {language: dict(forbidden[language]) for language in LANGUAGES}
        self._pipelines = {language: spacy.blank(language) for language in LANGUAGES}
        self._matchers = {language: self._matcher(language) for language in LANGUAGES}

    @classmethod
    def read(cls, path: Path) -> Termbase:
        """Read the file. Raises ContentError when it is no YAML."""
        data = without_lines(read_yaml(path))
        return cls(data["terms"], data["forbidden"])

    def _matcher(self, language: str) -> PhraseMatcher:
        pipeline = self._pipelines[language]
        matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
        for number, term in enumerate(self._terms):
            matcher.add(f"term {number}", [pipeline.make_doc(phrase) for phrase in term[language]])
        for phrase in self._instead[language]:
            matcher.add(f"forbidden {phrase}", [pipeline.make_doc(phrase)])
        return matcher

    def problems(self, texts: Mapping[str, str]) -> Iterator[str]:
        """Yield what is wrong with the same text in both languages (language -> text)."""
        found = {language: self._found(text, language) for language, text in texts.items()}
        for language, names in found.items():
            for name in sorted(names):
                if name.startswith("forbidden "):
                    phrase = name.removeprefix("forbidden ")
                    instead = self._instead[language][phrase]
                    yield f"{phrase!r} is not to be used in {language}; write {instead!r}"
        for name in sorted(found.get("en", set()) - found.get("es", set())):
            if name.startswith("term ") and "es" in found:
                term = self._terms[int(name.removeprefix("term "))]
                yield f"the English says {term['en'][0]!r}, the Spanish none of {', '.join(term['es'][:3])}"

    def terms_in(self, text: str, language: str) -> list[Mapping[str, tuple[str, ...]]]:
        """Return the terms that a text says, each with its wordings in both languages."""
        found = sorted(self._found(text, language))
        return [self._terms[int(name.removeprefix("term "))] for name in found if name.startswith("term ")]

    def _found(self, text: str, language: str) -> set[str]:
        # The curly apostrophe is another token than the straight one.
        document = self._pipelines[language](text.replace("’", "'"))
        strings = self._pipelines[language].vocab.strings
        return {strings[match] for match, _, _ in self._matchers[language](document)}
