"""The assistant over a chosen part of its examples, as a copy of this project."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import yaml

from benchmarks.stock import Examples
from bot.content import read_yaml, without_lines
from bot.settings import ROOT

_PARTS = ("bot", "actions", "data", "config.yml", "domain.yml", "endpoints.yml", "credentials.yml")

RUN = [sys.executable, "-m", "bot.cli", "run"]

#: Without the checks of content, which ask for more examples than a benchmark may use.
TRAIN = [
    sys.executable,
    "-c",
    "from bot import placeholder; placeholder.install(); from bot import archive, settings; "
    "archive.train(settings.load_settings())",
]


def copy_project(folder: Path, examples: Examples) -> Path:
    """Copy what the assistant is made of, with these examples only; return the folder."""
    for part in _PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for path in (folder / "data" / "nlu").rglob("*.yml"):
        data = without_lines(read_yaml(path))
        for item in data.get("nlu") or ():
            kept = {text for text, _ in examples[str(item["intent"])]}
            item["examples"] = [e for e in item.get("examples") or () if str(e["text"]) in kept]
        path.write_text(yaml.safe_dump(data, allow_unicode=True, width=10_000), encoding="utf-8")
    return folder
