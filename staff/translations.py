"""The Spanish catalogues: compile them, and find what they lack.

    python -m staff.translations          makes the .mo files that Django reads
    python -m staff.translations --check  lists what is not translated

Babel reads and writes the catalogues, so GNU gettext need not be installed.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

STAFF = Path(__file__).resolve().parent

#: As Babel wants them: which arguments of a function are its words; "c" marks the context.
_KEYWORDS = {
    name + lazy: arguments
    for lazy in ("", "_lazy")
    for name, arguments in {
        "_": (1,),
        "gettext": (1,),
        "gettext_noop": (1,),
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
}
#: What stands as it is in both languages.
NAMES = frozenset({"Conoce", "English", "Español", "SMS", "WhatsApp", "MALDEF", "UTC"})
_PLACEHOLDERS = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)[^{}]*\}")


@dataclass(frozen=True)
class Words:
    """Something that users read: where it stands, its context, its singular and plural."""

    path: Path
    line: int
    context: str | None
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Lack:
    """Words without a good translation, and why not."""

    words: Words
    reason: str

    def __str__(self) -> str:
        place = f"{self.words.path.relative_to(STAFF.parent)}:{self.words.line}"
        return f"{place}: {self.reason}: {self.words.forms[0]!r}"


def catalogues(language: str = "es") -> list[Path]:
    """Return the catalogues of a language, in the order of their apps."""
    return sorted(STAFF.glob(f"*/locale/{language}/LC_MESSAGES/django.po"))


def compile_all() -> list[Path]:
    """Write a .mo file beside each catalogue."""
    written = []
    for path in STAFF.glob("*/locale/*/LC_MESSAGES/django.po"):
        target = path.with_suffix(".mo")
        compiled = io.BytesIO()
        write_mo(compiled, _read(path))
        # Replaced at once: a server that starts meanwhile never reads half a file.
        part = target.with_suffix(".part")
        part.write_bytes(compiled.getvalue())
        part.replace(target)
        written.append(target)
    return written


def lacks(language: str = "es") -> list[Lack]:
    """Return all words of the app that are not translated, or not well."""
    known = [_read(path) for path in catalogues(language)]
    return [Lack(words, reason) for words in used() if (reason := _reason(words, known))]


def used() -> Iterator[Words]:
    """Yield the words in the app's modules and templates."""
    for path in sorted(STAFF.rglob("*")):
        if "node_modules" in path.parts or "migrations" in path.parts:
            continue
        if path.suffix == ".py":
            yield from sorted(_in_module(path), key=lambda words: words.line)
        elif _is_template(path):
            yield from _in_template(path)


def bare() -> Iterator[Words]:
    """Yield words that stand in a template itself, so that they stay English in Spanish."""
    for path in filter(_is_template, sorted(STAFF.rglob("*"))):
        reader = _Reader(path)
        reader.feed(_without_tags(path.read_text(encoding="utf-8")))
        reader.close()
        yield from reader.found


def _is_template(path: Path) -> bool:
    return path.suffix in (".html", ".txt") and "templates" in path.parts and "node_modules" not in path.parts


def _without_tags(template: str) -> str:
    """Return the template with its tags blank, and what is between some of them; lines stay."""
    parts, until = [], ""
    for token in Lexer(template).tokenize():
        name = token.contents.split(" ", 1)[0] if token.token_type is TokenType.BLOCK else ""
        shown = token.token_type is TokenType.TEXT and not until
        parts.append(token.contents if shown else " " + "\n" * token.contents.count("\n"))
        if until:
            until = "" if name == until else until
        elif name in ("blocktranslate", "blocktrans", "comment"):
            until = f"end{name}"
    return "".join(parts)


class _Reader(HTMLParser):
    """Collects what people read of a page, or have read out."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.found: list[Words] = []
        self._path = path
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read the attributes that hold words."""
        self._hidden = tag in ("script", "style")
        for name, value in attrs:
            if name in ("alt", "aria-label", "aria-description", "placeholder", "title"):
                self._add(value or "")

    def handle_endtag(self, _tag: str) -> None:
        """What follows is read again."""
        self._hidden = False

    def handle_data(self, data: str) -> None:
        """Read the text."""
        if not self._hidden:
            self._add(data)

    def _add(self, text: str) -> None:
        if set(re.findall(r"[^\W\d_]{2,}", text)) - NAMES:
            self.found.append(Words(self._path, self.getpos()[0], None, (" ".join(text.split()),)))


def _in_module(path: Path) -> Iterator[Words]:
    # From the syntax tree: Babel's own reading of modules does not look into f-strings.
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in _KEYWORDS and texts:
            context = texts.pop(0) if "pgettext" in name else None
            yield Words(path, node.lineno, context, tuple(texts))


def _in_template(path: Path) -> Iterator[Words]:
    code = templatize(path.read_text(encoding="utf-8"))
    # The indentation of HTML is none of Python's.
    code = "\n".join(line.lstrip() for line in code.split("\n"))
    found = extract("python", io.BytesIO(code.encode()), keywords=_KEYWORDS)  # type: ignore[arg-type]
    for line, message, _comments, context in found:
        forms = (message,) if isinstance(message, str) else tuple(message)
        yield Words(path, line, context, forms)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def _reason(words: Words, known: list[Catalog]) -> str:
    """Return why the words are not translated, or nothing if they are."""
    messages = [m for c in known if (m := c.get(words.forms[0], words.context))]
    if not messages:
        return "missing"
    # Django joins the catalogues: the first would be shown wherever the words stand.
    if len({str(m.string) for m in messages}) > 1:
        return "translated in two ways"
    message = messages[0]
    strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if message.fuzzy:
        return "fuzzy"
    if not all(strings):
        return "empty"
    if len(words.forms) != len(strings) or (len(words.forms) > 1 and message.id != words.forms):
        return "other plural"
    # A number may be left out of one plural form, nothing may be added.
    meant, said = _names(*words.forms), _names(*strings)
    return "" if meant == said else "other placeholders"


def _names(*forms: str) -> set[str]:
    return {a or b for form in forms for a, b in _PLACEHOLDERS.findall(form)}


def main() -> int:
    """Compile, or check."""
    parser = argparse.ArgumentParser(prog="python -m staff.translations", description=__doc__)
    parser.add_argument("--check", action="store_true", help="list what is not translated")
    arguments = parser.parse_args()
    # The templates are read with Django's own rules, which ask for its settings.
    if not settings.configured:
        settings.configure()
    if not arguments.check:
        compile_all()
        return 0
    found = [*lacks(), *(Lack(words, "not marked") for words in bare())]
    for lack in found:
        print(lack)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
