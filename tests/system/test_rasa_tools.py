"""Rasa's own commands still work on the project: validate, train, test, shell."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

from bot.settings import ROOT
from tests.system.conftest import environment

RASA = [sys.executable, "-m", "rasa"]

#: Warnings of Rasa's own old packages, by the file that gives them.
NOT_OURS = re.compile(r"site-packages/(?!rasa/shared/utils/io)|WARNING:tensorflow|TF-TRT")


def rasa(data: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*RASA, *arguments],
        env=environment(data, RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3"),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-3000:]
    return output


def archive(data: Path) -> str:
    return str(max((data / "models").glob("*.tar.gz"), key=os.path.getmtime))


def test_data_validate_has_nothing_to_say(data: Path) -> None:
    output = rasa(data, "data", "validate", "--data", "data/nlu", "data/stories")
    warnings = [line for line in output.splitlines() if "arning" in line and not NOT_OURS.search(line)]
    assert warnings == []
    assert "No story structure conflicts found" in output


def test_core_stories_pass_end_to_end(data: Path, tmp_path: Path) -> None:
    output = rasa(
        data, "test", "core", "--e2e", "--stories", "tests/test_stories.yml",
        "--model", archive(data), "--endpoints", "endpoints.yml", "--out", str(tmp_path), "--no-plot",
    )  # fmt: skip
    failed = tmp_path / "failed_test_stories.yml"
    assert "None of the test stories failed" in failed.read_text(encoding="utf-8"), output[-2000:]


def test_shell_answers(data: Path) -> None:
    # The shell reads from a terminal only.
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [*RASA, "shell", "--model", archive(data), "--endpoints", "endpoints.yml"],
        env=environment(data, RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3", TERM="xterm"),
        cwd=ROOT,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    try:
        read_until(keyboard, "Your input")
        os.write(keyboard, b"hola\r")
        assert "Pregúnteme" in read_until(keyboard, "Pregúnteme")
        os.write(keyboard, b"/stop\r")
    finally:
        process.kill()
        process.wait(20)


def read_until(keyboard: int, wanted: str, seconds: float = 180) -> str:
    """Return what the terminal shows up to a text; all that it showed when the text never comes."""
    shown = ""
    end = time.monotonic() + seconds
    while wanted not in shown and time.monotonic() < end:
        if select.select([keyboard], [], [], 1)[0]:
            shown += os.read(keyboard, 65_536).decode("utf-8", "replace")
    return shown


def test_train_makes_an_archive(data: Path, tmp_path: Path) -> None:
    # Some of the examples are enough to see that the command works.
    files = ["data/nlu/dialogue.yml", "data/nlu/urgent.yml", "data/nlu/faq/general.yml", "data/stories"]
    rasa(data, "train", "--data", *files, "--out", str(tmp_path))
    assert list(tmp_path.glob("*.tar.gz"))
