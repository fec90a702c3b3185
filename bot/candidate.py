"""A draft on its way to publication: checked, trained, compared with what answers now.

Works in a folder of its own and leaves what is published alone. How far it is stands in
`progress.json`, what came out in `result.json`, for the staff's app to show (staff/publish).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bot import archive, checks
from bot.comparison import Comparison, Outcome, outcomes, understander_of
from bot.content import reading_once
from bot.encoder import RememberedVectors
from bot.errors import ContentError
from bot.evaluation import Row, read_rows
from bot.fitted import START
from bot.settings import ROOT, Settings

PROGRESS, RESULT, ARCHIVE = "progress.json", "result.json", "archive"

#: The questions of which the thresholds were chosen, and those where a wrong answer hurts; the test
#: set stays unseen, so that it goes on telling the truth (evaluation/README.md).
QUESTIONS = ("dev.jsonl", "harm.jsonl")

#: Each step with how much of the whole time is over when it begins.
STEPS = {"checking": 0.0, "training": 0.05, "comparing": 0.75, "done": 1.0}


class Progress:
    """Writes how far the work is, whole each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def at(self, step: str, share: float = 0.0) -> None:
        """Say which step has begun and how much of it is done."""
        ends = [*STEPS.values(), 1.0]
        begin, end = STEPS[step], ends[list(STEPS).index(step) + 1]
        write(self._folder / PROGRESS, {"step": step, "share": round(begin + share * (end - begin), 3)})


def prepare(settings: Settings, folder: Path) -> dict[str, Any]:
    """Check, train and compare the content of the settings, a draft; return and write what came out.

    `problems` are the reasons why it cannot be published, each with its place.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    progress = Progress(folder)
    digest = digest_of(settings.content)
    progress.at("checking")
    with reading_once():
        try:
            checks.require(settings.content)
        except ContentError as error:
            return _finish(folder, digest, {"problems": _inside(error.problems, settings.content)})
        progress.at("training")
        START.set(settings.fitted)
        made = archive.build(settings, folder / ARCHIVE)
    progress.at("comparing")
    vectors = RememberedVectors(settings.data / "questions.npz")
    compared = compare(settings, made, vectors, progress)
    problems = [f"{each['text']} -> {each['after']}" for each in compared["harmful"]]
    return _finish(folder, digest, {"problems": problems, "archive": made.name, **compared})


def compare(settings: Settings, made: Path, vectors: RememberedVectors, progress: Progress) -> dict[str, Any]:
    """Compare a trained archive with the published one."""
    conversations = [rows for name in QUESTIONS for rows in read_rows(ROOT / "evaluation" / name)]
    rows = [row for conversation in conversations for row in conversation]
    now = archive.latest_archive(settings)
    # What the published archive says is the same for every draft.
    kept = settings.data / "outcomes.json"
    name = f"{now.name} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    before = _read_outcomes(kept, name, rows)
    if before is None:
        before = outcomes(
            understander_of(now, vectors.in_memory),
            conversations,
            lambda share: progress.at("comparing", share / 2),
        )
        write(kept, {"of": name, "outcomes": [[each.decision, each.entry] for each in before]})
    after = outcomes(
        understander_of(made, vectors.in_memory),
        conversations,
        lambda share: progress.at("comparing", 0.5 + share / 2),
    )
    vectors.save()
    return Comparison(before, after).to_json()


def _read_outcomes(path: Path, name: str, rows: Sequence[Row]) -> tuple[Outcome, ...] | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if data.get("of") != name:
        return None
    said = data["outcomes"]
    return tuple(Outcome(row, decision, entry) for row, (decision, entry) in zip(rows, said, strict=True))


def digest_of(content: Path) -> str:
    """Return what changes whenever a file of a content folder does."""
    digest = hashlib.sha256()
    for path in sorted(content.rglob("*.yml")):
        digest.update(str(path.relative_to(content)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def write(path: Path, data: dict[str, Any]) -> None:
    """Write JSON whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    part.replace(path)


def _finish(folder: Path, digest: str, result: dict[str, Any]) -> dict[str, Any]:
    result = {"digest": digest, **result}
    write(folder / RESULT, result)
    Progress(folder).at("done")
    return result


def _inside(problems: Iterable[str], draft: Path) -> list[str]:
    """Name files as the editor knows them, not where the draft happens to lie."""
    return [problem.replace(f"{draft}/", "") for problem in problems]
