"""Measures the assistant on questions that it was never trained on (evaluation/README.md)."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bot.asking import Answered, Asker
from bot.content import FAQ, load_catalogue, read_yaml, without_lines
from bot.encoder import RememberedVectors, encode
from bot.errors import ContentError
from bot.features import Normalizer
from bot.settings import Settings, content_folder
from bot.statistics import Rate, expected_calibration_error
from bot.understanding import ANSWER, CHOICES, UNKNOWN, URGENT

IN_SCOPE = ("plain", "noisy", "mixed")
OUT_OF_SCOPE = ("near", "far")
KINDS = (*IN_SCOPE, "urgent", "lookalike", *OUT_OF_SCOPE, "conversation", "harm")


@dataclass(frozen=True)
class Row:
    """One question with what is right. `expect` is "" when no entry answers it."""

    id: str
    kind: str
    language: str
    text: str
    expect: str
    also: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    follow_up: bool = False

    @property
    def accepted(self) -> tuple[str, ...]:
        """All entries that are right."""
        return (self.expect, *self.also)


@dataclass(frozen=True)
class Scored:
    """A question with what came back."""

    row: Row
    answered: Answered

    @property
    def decision(self) -> str:
        """What was decided."""
        return self.answered.understood.decision

    @property
    def answers(self) -> bool:
        """Whether an entry was said."""
        return self.decision in (ANSWER, URGENT)

    @property
    def entry(self) -> str:
        """The entry that was said, or ""."""
        return _id(self.answered.understood.intent) if self.answers else ""

    @property
    def right(self) -> bool:
        """Whether a right entry was said."""
        return self.answers and self.entry in self.row.accepted

    @property
    def candidates(self) -> list[str]:
        """The ids of the candidates, best first."""
        return [_id(c.intent) for c in self.answered.understood.candidates]

    def among(self, count: int) -> bool:
        """Whether a right entry is among the best `count` candidates."""
        return any(id_ in self.row.accepted for id_ in self.candidates[:count])

    @property
    def offered(self) -> bool:
        """Whether a right entry is among the choices shown."""
        return any(_id(intent) in self.row.accepted for intent in self.answered.understood.shown)


@dataclass(frozen=True)
class Report:
    """All figures, by group. `groups` maps a group to its rates by name."""

    files: tuple[str, ...]
    groups: dict[str, dict[str, Rate]]
    calibration_error: float
    confused: tuple[tuple[str, str, int], ...]
    forbidden: tuple[tuple[str, str, str], ...]
    nearest: dict[str, Rate] = field(default_factory=dict)
    texts: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "files": list(self.files),
            "texts": self.texts,
            "groups": {g: {n: r.to_json() for n, r in rs.items()} for g, rs in self.groups.items()},
            "calibration_error": round(self.calibration_error, 4),
            "nearest_neighbour": {name: rate.to_json() for name, rate in self.nearest.items()},
            "confused": [{"expected": e, "said": s, "times": n} for e, s, n in self.confused],
            "forbidden": [{"id": i, "text": t, "said": s} for i, t, s in self.forbidden],
        }

    def to_markdown(self) -> str:
        """Return the report as tables."""
        lines = ["# Evaluation", "", f"{self.texts} texts from {', '.join(self.files)}.", ""]
        for group, rates in self.groups.items():
            lines += [f"## {group}", "", "| figure | share | of | 95 % interval |", "|---|---|---|---|"]
            lines += [
                f"| {name} | {rate.value:.3f} | {rate.total} | {rate.low:.3f} to {rate.high:.3f} |"
                for name, rate in rates.items()
                if rate.total
            ]
            lines.append("")
        lines += ["## Nearest neighbour on the encoder alone", ""]
        lines += [f"- {name}: {rate.value:.3f} of {rate.total}" for name, rate in self.nearest.items()]
        lines += ["", f"Expected calibration error: {self.calibration_error:.3f}", ""]
        lines += ["## Confused pairs", "", "| expected | said | times |", "|---|---|---|"]
        lines += [f"| {e} | {s} | {n} |" for e, s, n in self.confused]
        lines += ["", f"## Forbidden answers: {len(self.forbidden)}", ""]
        lines += [f"- {i}: {t} -> {s}" for i, t, s in self.forbidden]
        return "\n".join(lines).rstrip() + "\n"


def evaluate_files(settings: Settings, files: Sequence[Path], baseline: bool = False) -> Report:
    """Ask every question of the files and count, on demand beside the plain baseline.

    Raises ContentError for a broken line.
    """
    conversations = [rows for file in files for rows in read_rows(file)]
    asker = Asker(settings)
    scored = asyncio.run(_ask(asker, conversations))
    nearest = nearest_neighbour(scored, RememberedVectors(settings.vectors)) if baseline else {}
    return summarize(scored, tuple(file.name for file in files), nearest)


async def _ask(asker: Asker, conversations: Iterable[Sequence[Row]]) -> list[Scored]:
    scored = []
    for number, rows in enumerate(conversations):
        sender = f"evaluation {number}" if len(rows) > 1 else None
        for row in rows:
            scored.append(Scored(row, await asker.ask(row.text, "web", sender)))
    return scored


def read_rows(path: Path) -> list[list[Row]]:
    """Read a file: a list of conversations, most of one row."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ContentError([f"{path}:1: cannot be read ({error.strerror}): name a file."]) from None
    for number, line in enumerate(lines, 1):
        try:
            data = json.loads(line)
            if data["kind"] not in KINDS:
                raise ValueError(f"unknown kind {data['kind']!r}")
            turns = data.get("turns") or [data]
            found.append(
                [
                    Row(
                        id=data["id"],
                        kind=data["kind"],
                        language=data["language"],
                        text=turn["text"],
                        expect=turn["expect"],
                        also=tuple(turn.get("also") or ()),
                        forbidden=tuple(turn.get("forbidden") or ()),
                        follow_up=bool(turn.get("follow_up")),
                    )
                    for turn in turns
                ]
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ContentError(
                [f"{path}:{number}: {type(error).__name__} {error}: see evaluation/README.md."]
            ) from None
    return found


def summarize(scored: Sequence[Scored], files: tuple[str, ...], nearest: dict[str, Rate]) -> Report:
    """Count everything."""
    topics = {e.id: e.topic for e in load_catalogue(content_folder()).entries.values()}
    scope = [s for s in scored if s.row.kind in IN_SCOPE]
    groups = {"all in-scope questions": _in_scope(scope)}
    for kind in IN_SCOPE:
        groups[f"kind: {kind}"] = _in_scope([s for s in scope if s.row.kind == kind])
    for language in ("en", "es"):
        groups[f"language: {language}"] = _in_scope([s for s in scope if s.row.language == language])
    for topic in sorted(set(topics.values())):
        groups[f"topic: {topic}"] = _in_scope([s for s in scope if topics.get(s.row.expect) == topic])
    groups["urgent"] = _urgent([s for s in scored if s.row.kind == "urgent"])
    groups["look-alikes of urgent"] = _lookalikes([s for s in scored if s.row.kind == "lookalike"])
    for name, kinds in (("out of scope", OUT_OF_SCOPE), ("near", ("near",)), ("far", ("far",))):
        groups[f"out of scope: {name}"] = _out_of_scope([s for s in scored if s.row.kind in kinds])
    turns = [s for s in scored if s.row.kind == "conversation"]
    groups["conversations"] = {
        "follow-ups: entry found": _rate([s for s in turns if s.row.follow_up], lambda s: s.among(1)),
        "follow-ups: answered and right": _rate([s for s in turns if s.row.follow_up], _is_right),
        "follow-ups: answered and wrong": _rate([s for s in turns if s.row.follow_up], _is_wrong),
        "new questions: entry found": _rate([s for s in turns if not s.row.follow_up], lambda s: s.among(1)),
    }
    groups["language of the reply"] = {"right": _rate(scored, _language_right)}
    harm = [s for s in scored if s.row.forbidden]
    forbidden = [s for s in harm if s.answers and s.entry in s.row.forbidden]
    groups["harm"] = {
        "forbidden answers": Rate(len(forbidden), len(harm)),
        "answered and right": _rate(harm, _is_right),
    }
    confused = Counter((s.row.expect, s.entry) for s in scope if _is_wrong(s))
    judged = [s for s in scope if s.candidates]
    return Report(
        files=files,
        groups={name: rates for name, rates in groups.items() if any(r.total for r in rates.values())},
        calibration_error=expected_calibration_error(
            [s.answered.understood.candidates[0].confidence for s in judged],
            [s.among(1) for s in judged],
        ),
        confused=tuple((e, s, n) for (e, s), n in confused.most_common(25)),
        forbidden=tuple((s.row.id, s.row.text, s.entry) for s in forbidden),
        nearest=nearest,
        texts=len(scored),
    )


def nearest_neighbour(scored: Sequence[Scored], vectors: RememberedVectors) -> dict[str, Rate]:
    """The plain baseline: the entry of the example whose sentence vectors are nearest."""
    catalogue = load_catalogue(content_folder())
    normalize = Normalizer(without_lines(read_yaml(content_folder() / "matching.yml"))["texting"])
    pairs = [(normalize(e.text), entry.id) for entry in catalogue.entries.values() for e in entry.examples]
    scope = [s.row for s in scored if s.row.kind in IN_SCOPE]
    if not pairs or not scope:
        return {}
    questions = encode([normalize(row.text) for row in scope])
    similar = questions @ vectors([text for text, _ in pairs], remember=False).T
    ranked = []
    for scores in similar:
        order = dict.fromkeys(pairs[i][1] for i in np.argsort(-scores)[:200])
        ranked.append(list(order))
    hits = [[id_ in row.accepted for id_ in ids] for row, ids in zip(scope, ranked, strict=True)]
    return {
        "candidates top-1": Rate(sum(any(h[:1]) for h in hits), len(hits)),
        "candidates top-3": Rate(sum(any(h[:3]) for h in hits), len(hits)),
    }


def write_report(report: Report, folder: Path) -> None:
    """Write report.md and report.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(report.to_markdown(), encoding="utf-8")
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")


def _in_scope(rows: Sequence[Scored]) -> dict[str, Rate]:
    choices = [s for s in rows if s.decision == CHOICES]
    return {
        "candidates top-1": _rate(rows, lambda s: s.among(1)),
        "candidates top-3": _rate(rows, lambda s: s.among(3)),
        "answered and right": _rate(rows, _is_right),
        "answered and wrong": _rate(rows, _is_wrong),
        "choices": _rate(rows, lambda s: s.decision == CHOICES),
        "choices with the right one": _rate(choices, lambda s: s.offered),
        "unknown or dialogue": _rate(rows, lambda s: not s.answers and s.decision != CHOICES),
    }


def _urgent(rows: Sequence[Scored]) -> dict[str, Rate]:
    taken = [s for s in rows if s.decision == URGENT]
    return {
        "taken for urgent (recall)": Rate(len(taken), len(rows)),
        "situation right, of those": _rate(taken, _is_right),
    }


def _lookalikes(rows: Sequence[Scored]) -> dict[str, Rate]:
    return {
        "taken for urgent": _rate(rows, lambda s: s.decision == URGENT),
        "answered and wrong": _rate(rows, _is_wrong),
    }


def _out_of_scope(rows: Sequence[Scored]) -> dict[str, Rate]:
    return {
        "answered": _rate(rows, lambda s: s.answers),
        "choices": _rate(rows, lambda s: s.decision == CHOICES),
        "unknown": _rate(rows, lambda s: s.decision == UNKNOWN),
        "referral or dialogue": _rate(rows, lambda s: s.decision == "dialogue"),
    }


def _rate(rows: Sequence[Scored], holds: Callable[[Scored], bool]) -> Rate:
    return Rate(sum(map(holds, rows)), len(rows))


def _is_right(scored: Scored) -> bool:
    return scored.right


def _is_wrong(scored: Scored) -> bool:
    return scored.answers and not scored.right


def _language_right(scored: Scored) -> bool:
    return scored.row.language in ("any", scored.answered.understood.language)


def _id(intent: str) -> str:
    return intent.removeprefix(f"{FAQ}/")
