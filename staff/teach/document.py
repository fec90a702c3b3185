"""One content file as lines of text, changed only where something changes.

A YAML library that writes whole files takes seconds for the large ones and moves lines that nobody
touched. So a change replaces the lines of one field; `meant` is the data that the file must hold
afterwards, and whoever writes the file compares (staff/teach/files.py).
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from bot.content import LINE, SMS, WEB, without_lines
from bot.errors import ContentError

#: A text that YAML reads as itself without quotes, in every version of YAML.
_PLAIN = re.compile(r"[¿¡]?[^\W\d_](?:[^\n:#\"\[\]{}]|:(?=\S)|(?<=\S)#)*")
_SPECIAL = re.compile(r"^[-?:,\[\]{}#&*!|>'\"%@`]|\s$")


def scalar(value: str | bool, quoted: bool = False) -> str:
    """Return a value as YAML on one line: plain where that is safe, or in double quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = _PLAIN.fullmatch(value) and not _SPECIAL.search(value) and yaml.safe_load(value) == value
    return value if plain and not quoted else json.dumps(value, ensure_ascii=False)


def date(value: str) -> str:
    """Return a date as the files have it, and what is none in quotes."""
    try:
        return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        return scalar(value, quoted=True)


def flow(values: Sequence[str]) -> str:
    """Return a list on one line."""
    return f"[{', '.join(scalar(value, quoted=',' in value) for value in values)}]"


def literal(text: str, indent: int) -> list[str]:
    """Return the lines of a text under `text: |`."""
    return [" " * indent + line if line else "" for line in text.split("\n")]


def text_lines(text: str, channel: str) -> tuple[list[str], str]:
    """Return the lines of an answer's text, and what a reader of the file gets."""
    if not text or (channel == SMS and "\n" not in text):
        return [f"    text: {scalar(text, quoted=True)}"], text
    return ["    text: |", *literal(text, 6)], f"{text}\n"


def variation(text: str, language: str, channel: str) -> tuple[list[str], dict[str, Any]]:
    """Return the lines and the data of one text of an answer."""
    lines, value = text_lines(text, channel)
    kind = [f"    channel: {channel}"] if channel == SMS else []
    head = f"  - condition: [{{type: slot, name: language, value: {language}}}]"
    data: dict[str, Any] = {"condition": [{"type": "slot", "name": "language", "value": language}]}
    return [head, *kind, *lines], data | ({"channel": channel} if kind else {}) | {"text": value}


def source_lines(source: Mapping[str, str]) -> list[str]:
    """Return the lines of one source."""
    return [
        f"    - org: {scalar(source['org'])}",
        f"      title: {scalar(source['title'])}",
        f"      url: {scalar(source['url'])}",
        f"      as_of: {scalar(source['as_of'], quoted=True)}",
    ]


def example_lines(text: str, metadata: Mapping[str, str]) -> list[str]:
    """Return the lines of one example question."""
    details = ", ".join(f"{key}: {scalar(value)}" for key, value in metadata.items())
    return [f"  - text: {scalar(text)}", f"    metadata: {{{details}}}"]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


class Document:
    """The lines of a file and what it holds; changes are collected and made at once by `text`.

    `data` is what `bot.content.read_yaml` returned. Raises ContentError for an intent that the
    file does not have.
    """

    def __init__(self, text: str, data: Mapping[str, Any], name: str) -> None:
        self.lines = text.split("\n")
        self.meant = without_lines(data)
        self._data = data
        self._name = name
        self._splices: list[tuple[int, int, list[str]]] = []

    def text(self) -> str:
        """Return the file with all changes."""
        lines = list(self.lines)
        for start, end, new in sorted(self._splices, key=lambda s: s[:2], reverse=True):
            lines[start:end] = new
        return "\n".join(lines)

    def item(self, intent: str) -> tuple[Mapping[str, Any], dict[str, Any]]:
        """Return what `nlu` has about an intent, as it was with its lines and as it is meant."""
        for number, item in enumerate(self._data.get("nlu") or ()):
            if item.get("intent") == intent:
                return item, self.meant["nlu"][number]
        raise ContentError([f"{self._name}:1: {intent} is not in this file."])

    def place(self, intent: str) -> tuple[int, int]:
        """Return where the part of `nlu` about an intent begins and ends."""
        start = self.item(intent)[0][LINE] - 1
        return start, self._end(start + 1, len(self.lines), 0)

    def answer_place(self, intent: str) -> tuple[int, int] | None:
        """Return where the answer of an intent begins and ends, if it has one."""
        key = f"  utter_{intent}:"
        start = next((n for n, line in enumerate(self.lines) if line.rstrip() == key), None)
        return None if start is None else (start, self._end(start + 1, len(self.lines), 2, lists=True))

    def _end(self, start: int, end: int, indent: int, lists: bool = False) -> int:
        """Return where what began above `start` ends: at a line indented as little, without blanks.

        The items of a list may stand as far left as their key.
        """
        for number in range(start, end):
            line = self.lines[number]
            if not line.strip() or _indent(line) > indent:
                continue
            if not (lists and _indent(line) == indent and line.lstrip().startswith("- ")):
                end = number
                break
        while end > start and (not self.lines[end - 1].strip() or self._comment(end - 1, indent)):
            end -= 1
        return end

    def _comment(self, number: int, indent: int) -> bool:
        line = self.lines[number]
        return line.lstrip().startswith("#") and _indent(line) <= indent

    def _key(self, start: int, end: int, name: str, indent: int) -> tuple[int, int] | None:
        """Return the lines of a key between two lines."""
        head = re.compile(rf"(?: {{{indent}}}| {{{indent - 2}}}- ){re.escape(name)}:(?: |$)")
        for number in range(start, end):
            if head.match(self.lines[number]):
                return number, self._end(number + 1, end, indent, lists=True)
        return None

    def _quoted(self, line: int) -> bool:
        return self.lines[line].partition(": ")[2].startswith('"')

    def set_field(self, intent: str, name: str, value: str | bool | Sequence[str]) -> None:
        """Set a field of the metadata that stands on one line."""
        meant = self.item(intent)[1]["metadata"]
        start, end = self._metadata(intent)
        place = self._key(start, end, name, 4)
        if isinstance(value, str):
            written = date(value) if name in ("reviewed", "review_by") else None
            written = written or scalar(value, quoted=place is not None and self._quoted(place[0]))
            meant[name] = value
        elif isinstance(value, bool):
            written, meant[name] = scalar(value), value
        else:
            written, meant[name] = flow(value), list(value)
        self._splices.append((*(place or (end, end)), [f"    {name}: {written}"]))

    def _metadata(self, intent: str) -> tuple[int, int]:
        start, end = self.place(intent)
        found = self._key(start, end, "metadata", 2)
        if found is None:
            raise ContentError([f"{self._name}:{start + 1}: {intent} has no metadata."])
        return found[0] + 1, found[1]

    def set_title(self, intent: str, language: str, title: str) -> None:
        """Set the title in a language."""
        self.item(intent)[1]["metadata"]["title"][language] = title
        start, end = self._metadata(intent)
        field = self._key(start, end, "title", 4) or (end, end)
        place = self._key(*field, language, 6)
        line = f"      {language}: {scalar(title, quoted=place is None or self._quoted(place[0]))}"
        self._splices.append((*(place or (field[1], field[1])), [line]))

    def set_sources(self, intent: str, sources: Sequence[Mapping[str, str]]) -> None:
        """Set the sources; those that stay keep their lines."""
        item, meant = self.item(intent)
        start, end = self._metadata(intent)
        field = self._key(start, end, "sources", 4) or (end, end)
        kept: list[tuple[dict[str, str], list[str]]] = []
        old = item["metadata"].get("sources") or []
        for number, source in enumerate(old):
            begin = source[LINE] - 1
            stop = old[number + 1][LINE] - 1 if number + 1 < len(old) else field[1]
            kept.append((without_lines(source), self.lines[begin:stop]))
        lines: list[str] = []
        for number, given in enumerate(sources):
            same = next((found for source, found in kept if source == given), None)
            lines += same or (
                self._source_like(*kept[number], given) if number < len(kept) else source_lines(given)
            )
        meant["metadata"]["sources"] = [dict(source) for source in sources]
        if not sources:
            self._splices.append((*field, ["    sources: []"]))
        else:
            self._splices.append((*field, ["    sources:", *lines]))

    @staticmethod
    def _source_like(old: Mapping[str, str], lines: list[str], new: Mapping[str, str]) -> list[str]:
        """Return the lines of a changed source: a line for each field, those that stay as they are."""
        fresh = source_lines(new)
        if len(lines) != len(fresh) or list(old) != ["org", "title", "url", "as_of"]:
            return fresh
        return [
            lines[n] if old.get(key) == new[key] else fresh[n]
            for n, key in enumerate(("org", "title", "url", "as_of"))
        ]

    def set_text(self, intent: str, language: str, channel: str, text: str) -> None:
        """Set the text of an answer for a language and a channel."""
        place = self.answer_place(intent)
        key = f"utter_{intent}"
        if place is None:
            raise ContentError([f"{self._name}:1: {intent} has no answer."])
        items, meant = self._data["responses"][key], self.meant["responses"][key]
        for number, item in enumerate(items):
            if _kind(item) == (language, channel):
                start = item[LINE] - 1
                stop = items[number + 1][LINE] - 1 if number + 1 < len(items) else place[1]
                field = self._key(start, stop, "text", 4)
                if field is None:
                    raise ContentError([f"{self._name}:{start + 1}: {intent}: no `text:` found."])
                lines, meant[number]["text"] = text_lines(text, channel)
                self._splices.append((*field, lines))
                return
        lines, data = variation(text, language, channel)
        meant.insert(len(items), data)
        self._splices.append((place[1], place[1], lines))

    def add_example(self, intent: str, text: str, metadata: Mapping[str, str]) -> None:
        """Add an example question after the last of its language and kind."""
        item, meant = self.item(intent)
        end = self.place(intent)[1]
        examples = item.get("examples") or []
        position, line = len(examples), end
        for number, example in enumerate(examples):
            about = example.get("metadata") or {}
            if all(about.get(name) == metadata.get(name) for name in ("language", "kind")):
                position = number + 1
                line = examples[position][LINE] - 1 if position < len(examples) else end
        meant["examples"] = list(meant.get("examples") or [])
        meant["examples"].insert(position, {"text": text, "metadata": dict(metadata)})
        self._splices.append((line, line, example_lines(text, metadata)))

    def remove_example(self, intent: str, text: str, language: str) -> None:
        """Take an example question out. Raises ContentError when it is not there."""
        item, meant = self.item(intent)
        examples = item.get("examples") or []
        for number, example in enumerate(examples):
            about = example.get("metadata") or {}
            if (str(example["text"]), about.get("language", "")) == (text, language):
                start = example[LINE] - 1
                last = number + 1 == len(examples)
                end = self.place(intent)[1] if last else examples[number + 1][LINE] - 1
                del meant["examples"][number]
                self._splices.append((start, end, []))
                return
        raise ContentError([f"{self._name}:{item[LINE]}: {intent}: this question is not there."])

    def add_entry(self, lines: list[str], item: Any, answer: list[str], key: str, texts: Any) -> None:
        """Add an entry at the end: its part of `nlu` and its answer."""
        top = next((n for n, line in enumerate(self.lines) if line.startswith("responses:")), None)
        end = len(self.lines)
        while end and not self.lines[end - 1].strip():
            end -= 1
        head = [] if top is not None else ["", "responses:"]
        at = top if top is not None else end
        while at and not self.lines[at - 1].strip():
            at -= 1
        self._splices.append((end, end, [*head, *self._blank(end, "responses:", not head), *answer]))
        self._splices.append((at, at, [*self._blank(at, "nlu:"), *lines]))
        self.meant["nlu"] = [*(self.meant.get("nlu") or []), item]
        self.meant["responses"] = {**(self.meant.get("responses") or {}), key: texts}

    def _blank(self, line: int, key: str, wanted: bool = True) -> list[str]:
        """Return the empty line that stands between two entries, but not below the key."""
        return [""] if wanted and self.lines[line - 1].rstrip() != key else []

    def take_back(self, intent: str, published: Document | None) -> None:
        """Put an intent back as another version of the file has it, or take it out."""
        key = f"utter_{intent}"
        number = self.meant["nlu"].index(self.item(intent)[1])
        old = published.lines[slice(*published.place(intent))] if published else []
        place, answer = self.place(intent), self.answer_place(intent)
        self._splices.append((*(place if old else self._with_blank(place)), old))
        if answer is not None:
            found = published.answer_place(intent) if published else None
            lines = published.lines[slice(*found)] if published and found else []
            self._splices.append((*(answer if lines else self._with_blank(answer)), lines))
        if published is None:
            del self.meant["nlu"][number]
            self.meant["responses"].pop(key, None)
        else:
            self.meant["nlu"][number] = published.item(intent)[1]
            if key in published.meant.get("responses", {}):
                self.meant["responses"][key] = published.meant["responses"][key]

    def _with_blank(self, place: tuple[int, int]) -> tuple[int, int]:
        start = place[0]
        while start and not self.lines[start - 1].strip():
            start -= 1
        return start, place[1]


def _kind(item: Mapping[str, Any]) -> tuple[str, str]:
    language = next((c["value"] for c in item.get("condition", []) if c.get("name") == "language"), "")
    return language, str(item.get("channel", WEB))
