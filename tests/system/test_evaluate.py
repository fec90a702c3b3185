"""The trained assistant is no worse than the committed report says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from bot.settings import ROOT
from tests.system.conftest import CONOCE, environment


def test_nothing_got_worse_than_the_committed_report(data: Path) -> None:
    done = subprocess.run(
        [*CONOCE, "evaluate", "--json", "--against", "evaluation/report.json"],
        env=environment(data),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["files"] == ["test.jsonl", "harm.jsonl"]
    assert report["forbidden"] == []
