"""A new entry, as lines and data of the file of its topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.content import FAQ, LANGUAGES, SMS, WEB
from staff.teach import document


@dataclass(frozen=True)
class NewEntry:
    """What a new entry begins with; `texts` by language and channel, `examples` by language."""

    id: str
    topic: str
    title: Mapping[str, str]
    texts: Mapping[tuple[str, str], str]
    sources: Sequence[Mapping[str, str]]
    examples: Mapping[str, Sequence[str]]
    reviewed: str
    reviewed_by: str
    review_by: str
    audience: Sequence[str] = ("all",)
    volatile: bool = True
    related: Sequence[str] = field(default_factory=tuple)
    resources: Sequence[str] = field(default_factory=tuple)


def parts_of(new: NewEntry) -> tuple[list[str], Any, list[str], str, Any]:
    """Return a new entry as lines and data: its part of `nlu`, its answer."""
    intent, key = f"{FAQ}/{new.id}", f"utter_{FAQ}/{new.id}"
    metadata: dict[str, Any] = {
        "facts": [new.id],
        "topic": new.topic,
        "audience": list(new.audience),
        "title": {language: new.title.get(language, "") for language in LANGUAGES},
        "sources": [dict(source) for source in new.sources],
        "reviewed": new.reviewed,
        "reviewed_by": new.reviewed_by,
        "review_by": new.review_by,
        "status": "draft",
        "volatile": new.volatile,
        "related": list(new.related),
        "resources": list(new.resources),
    }
    examples = [
        {"text": text, "metadata": {"language": language}}
        for language in LANGUAGES
        for text in new.examples.get(language, ())
    ]
    lines = [f"- intent: {intent}", "  metadata:"]
    for name, value in metadata.items():
        if name == "title":
            lines.append("    title:")
            lines += [f"      {language}: {document.scalar(text, True)}" for language, text in value.items()]
        elif name == "sources":
            lines.append("    sources:" if value else "    sources: []")
            lines += [line for source in value for line in document.source_lines(source)]
        elif isinstance(value, list):
            lines.append(f"    {name}: {document.flow(value)}")
        elif name in ("reviewed", "review_by"):
            lines.append(f"    {name}: {document.date(value)}")
        else:
            lines.append(f"    {name}: {document.scalar(value)}")
    lines.append("  examples:" if examples else "  examples: []")
    for example in examples:
        lines += document.example_lines(str(example["text"]), example["metadata"])  # type: ignore[arg-type]
    answer, texts = [f"  {key}:"], []
    for channel in (WEB, SMS):
        for language in LANGUAGES:
            text_lines, data = document.variation(new.texts.get((language, channel), ""), language, channel)
            answer += text_lines
            texts.append(data)
    return lines, {"intent": intent, "metadata": metadata, "examples": examples}, answer, key, texts
