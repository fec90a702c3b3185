"""The problems of one entry, in the words of the page and with the field where they are.

`bot.checks` finds them; its lines are for people with files before them. Here each becomes a sentence
in the language of the page, at the field that it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bot.checks import problems_of_entry
from bot.content import Catalogue, Entry
from bot.terms import Termbase

#: The fields as the page names them.
LABELS: dict[str, Any] = {
    "title.en": _("Title, English"),
    "title.es": _("Title, Spanish"),
    "text.en.web": _("Web text, English"),
    "text.es.web": _("Web text, Spanish"),
    "text.en.sms": _("SMS text, English"),
    "text.es.sms": _("SMS text, Spanish"),
    "examples": _("Example questions"),
    "examples.en": _("Example questions, English"),
    "examples.es": _("Example questions, Spanish"),
    "facts": _("Facts"),
    "topic": _("Topic"),
    "audience": _("For whom"),
    "sources": _("Sources"),
    "related": _("Related answers"),
    "resources": _("Who can help"),
    "reviewed": _("Reviewed on"),
    "reviewed_by": _("Reviewed by"),
    "review_by": _("Review again by"),
    "status": _("Status"),
    "volatile": _("Changes quickly"),
    "states": _("States"),
    "id": _("Short name"),
}

#: What a check says, what the page says, and the field; "" is the text at whose line it is.
_SENTENCES: tuple[tuple[str, Any, str], ...] = (
    (
        r"the title in (?P<language>en|es) must have 1 to (?P<most>\d+) characters\.",
        _("The title needs 1 to %(most)s characters."),
        "title.{language}",
    ),
    (
        r"(?P<count>\d+) questions in (?P<language>en|es): write at least (?P<least>\d+)\.",
        _("%(count)s questions; at least %(least)s are needed."),
        "examples.{language}",
    ),
    (
        r"\d+ (?P<channel>web|sms) texts in (?P<language>en|es): give exactly one\.",
        _("This text is missing."),
        "text.{language}.{channel}",
    ),
    (r"a question has no language: .*", _("A question has no language."), "examples"),
    (
        r"after: '(?P<name>.*)' does not exist\.",
        _("A question follows the answer “%(name)s”, which does not exist."),
        "examples",
    ),
    (r"a stray brace: .*", _("There is a { or }: take it out, or nothing would be sent."), ""),
    (
        r"title: '(?P<word>\w+)': write to people with usted\.",
        _("“%(word)s”: write to people with usted."),
        "title.es",
    ),
    (r"'(?P<word>\w+)': write to people with usted\.", _("“%(word)s”: write to people with usted."), ""),
    (
        r"the (?:web|sms) text in (?:en|es) is too hard to read \((?P<score>-?\d+)\)\.",
        _("Too hard to read (%(score)s): use shorter sentences and everyday words."),
        "",
    ),
    (
        r"the SMS text fills (?P<count>\d+) segments: at most (?P<most>\d+)\.",
        _("The SMS fills %(count)s segments; at most %(most)s are possible."),
        "",
    ),
    (
        r"(?P<channel>web|sms) texts differ between languages: (?P<what>.*)\.",
        _("Only one language says: %(what)s. Numbers, phones, links and dates must be the same in both."),
        "text.es.{channel}",
    ),
    (
        r"the SMS text in (?P<language>en|es) says what the web text does not: (?P<what>.*)\.",
        _("The web text does not say: %(what)s."),
        "text.{language}.sms",
    ),
    (r"no source: .*", _("Name a source."), "sources"),
    (
        r"the source (?P<name>['\"].*['\"]) needs an address and a date\.",
        _("The source %(name)s needs an address (https://…) and a date."),
        "sources",
    ),
    (
        r"(?P<field>reviewed|review_by) must be a date such as .*",
        _("This is not a date such as 2026-11-23."),
        "{field}",
    ),
    (r"status must be one of .*", _("The status is unknown."), "status"),
    (r"related entry '(?P<name>.*)' does not exist\.", _("“%(name)s” does not exist."), "related"),
    (r"resource '(?P<name>.*)' is not in .*", _("“%(name)s” does not exist."), "resources"),
    (
        r"the title in (?P<language>en|es) has an invisible character \((?P<code>U\+\w+)\): take it out\.",
        _("There is an invisible character (%(code)s): take it out."),
        "title.{language}",
    ),
    (
        r"(?:the text|a question) has an invisible character \((?P<code>U\+\w+)\): take it out\.",
        _("There is an invisible character (%(code)s): take it out."),
        "",
    ),
    (
        r"(?P<channel>title|web|sms): (?P<word>['\"].*['\"]) is not to be used in (?P<language>en|es); "
        r"write (?P<instead>['\"].*['\"])\.",
        _("%(word)s is not used here; write %(instead)s."),
        "text.{language}.{channel}",
    ),
    (
        r"(?P<channel>title|web|sms): the English says (?P<term>['\"].*['\"]), the Spanish none of "
        r"(?P<renderings>.*)\.",
        _("The English says %(term)s, the Spanish none of: %(renderings)s."),
        "text.es.{channel}",
    ),
    # What keeps a change from being saved at all (staff/teach/files.py, bot/content.py).
    (
        r".*this question of .* is (?:also )?in (?P<name>\S+?)\.?(?: .*)?",
        _("This question is already in “%(name)s”."),
        "examples",
    ),
    (r".*this question is not there\.", _("This question is not there any more."), "examples"),
    (r".*a question needs words\.", _("A question needs words."), "examples"),
    (r".*brackets or braces: .*", _("Take out brackets and braces."), "examples"),
    (r".*an invisible character: .*", _("There is an invisible character: take it out."), "examples"),
    (r".*this name is taken\.", _("This short name is taken."), "id"),
    (r".* lacks (?P<what>[\w, ]+): add it .*", _("This cannot be empty: %(what)s."), ""),
    (
        r".*(?:unacceptable character|control characters|special characters|surrogates).*",
        _("There is a character that a file cannot hold: take it out."),
        "",
    ),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.DOTALL), words, field) for pattern, words, field in _SENTENCES)
_PLACE = re.compile(r":(?P<line>\d+): (?:[\w/]+: )?(?P<said>.*)", re.DOTALL)
_MONTH = re.compile(r"\bmonth (\d+)")


#: What else stands in the list of what changed (staff/teach/models.py).
_DONE: dict[str, Any] = {
    "+en": _("question added, English"),
    "+es": _("question added, Spanish"),
    "-en": _("question taken out, English"),
    "-es": _("question taken out, Spanish"),
    "new": _("written"),
    "approved": pgettext_lazy("answer", "approved"),
}


def described(fields: str) -> str:
    """Return what changed, in words."""
    return "; ".join(str(LABELS.get(name) or _DONE.get(name) or name) for name in fields.split())


@dataclass(frozen=True)
class Problem:
    """What is wrong: `field` is its name in LABELS or "", `message` is in the language of the page."""

    field: str
    message: str

    @property
    def where(self) -> str:
        """The name of the field."""
        return str(LABELS.get(self.field, gettext("The answer")))

    @property
    def anchor(self) -> str:
        """The id of the field on the page."""
        kind = self.field.partition(".")[0]
        return kind if kind in ("examples", "sources") else f"id_{self.field.replace('.', '_')}"


def problems_in(entry: Entry, catalogue: Catalogue, terms: Termbase) -> list[Problem]:
    """Return what is wrong with an entry, saved or not."""
    # The texts get lines of their own, by which to know them again.
    texts = tuple(replace(text, line=number) for number, text in enumerate(entry.texts, 1))
    fields = {text.line: f"text.{text.language}.{text.channel}" for text in texts}
    examples = tuple(replace(example, line=len(texts) + 1) for example in entry.examples)
    fields[len(texts) + 1] = "examples"
    checked = replace(entry, file="", line=0, texts=texts, examples=examples)
    found = problems_of_entry(checked, catalogue, terms)
    return list(dict.fromkeys(_problem(line, fields) for line in found))


def explain(lines: Iterable[str]) -> Iterator[Problem]:
    """Yield the problems that kept a change from being saved."""
    for line in lines:
        yield _problem(line, {})


def _problem(line: str, fields: dict[int, str]) -> Problem:
    place = _PLACE.match(line)
    here = fields.get(int(place["line"]), "") if place else ""
    said = place["said"] if place else line
    for pattern, words, field in _COMPILED:
        if match := pattern.fullmatch(said):
            values = match.groupdict()
            if "what" in values:
                values["what"] = _MONTH.sub(
                    lambda m: gettext("month %(number)s") % {"number": m[1]}, values["what"]
                )
            name = (
                field.format(**values)
                .replace("text.en.title", "title.en")
                .replace("text.es.title", "title.es")
            )
            return Problem(name or here, str(words) % values)
    return Problem(here, said)
