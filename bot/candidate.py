"""A draft on its way to publication: checked, trained, compared with what answers now.

Works in a folder of its own and leaves what is published alone. How far it is stands in
`progress.json`, what came out in `result.json`, for the staff's app to show (staff/publish).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bot import archive, checks
from bot.comparison import Comparison, Outcome, outcomes, understander_of
from bot.content import reading_once
from bot.encoder import RememberedVectors
from bot.errors import ContentError
from bot.evaluation import read_rows
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

    def half(self, begin: float) -> Callable[[float], None]:
        """Return what says how far one half of the comparison is."""
        return lambda share: self.at("comparing", begin + share / 2)


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
    compared = compare(settings, made, progress)
    problems = [f"{each['text']} -> {each['after']}" for each in compared["harmful"]]
    return _finish(folder, digest, {"problems": problems, "archive": made.name, **compared})


def compare(settings: Settings, made: Path, progress: Progress) -> dict[str, Any]:
    """Compare a trained archive with the published one."""
    questions = Questions(settings)
    before = questions.outcomes(archive.latest_archive(settings), progress.half(0.0))
    after = questions.outcomes(made, progress.half(0.5))
    questions.keep(archive.latest_archive(settings), made)
    return Comparison(before, after).to_json()


def read_ahead(settings: Settings) -> None:
    """Ask the published archive everything, so that the first draft need not wait for that."""
    questions, published = Questions(settings), archive.latest_archive(settings)
    questions.outcomes(published)
    questions.keep(published)


class Questions:
    """The questions that a draft is measured with, and what became of them under which archive."""

    def __init__(self, settings: Settings) -> None:
        self._rows = [rows for name in QUESTIONS for rows in read_rows(ROOT / "evaluation" / name)]
        self._kept = settings.data / "outcomes.json"
        self._vectors = RememberedVectors(settings.data / "questions.npz")
        self._digest = hashlib.sha256(repr(self._rows).encode()).hexdigest()
        self._known = self._read()

    def outcomes(
        self, made: Path, progress: Callable[[float], None] = lambda share: None
    ) -> tuple[Outcome, ...]:
        """Return what becomes of each question under an archive."""
        known = self._known.get(self._name(made))
        if known is None:
            found = outcomes(understander_of(made, self._vectors.in_memory), self._rows, progress)
            known = [[each.decision, each.entry] for each in found]
            self._known[self._name(made)] = known
        rows = [row for conversation in self._rows for row in conversation]
        return tuple(
            Outcome(row, decision, entry) for row, (decision, entry) in zip(rows, known, strict=True)
        )

    def keep(self, *archives: Path) -> None:
        """Write what is known of these archives, and the vectors of the questions."""
        names = [self._name(made) for made in archives]
        write(self._kept, {name: self._known[name] for name in names})
        self._vectors.save()

    def _name(self, made: Path) -> str:
        return f"{made.name} {self._digest}"

    def _read(self) -> dict[str, list[list[str]]]:
        try:
            return dict(json.loads(self._kept.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}


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
