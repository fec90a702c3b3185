"""The check of a draft, which trains in a process of its own while people go on asking."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.candidate import ARCHIVE, PROGRESS, RESULT, digest_of
from bot.settings import ROOT, Settings

_PROCESS = "process"


@dataclass(frozen=True)
class State:
    """How a check stands: nothing, running at `step` (`share` of 1 is done), failed, or a result."""

    running: bool = False
    failed: bool = False
    step: str = ""
    share: float = 0.0
    result: dict[str, Any] | None = None

    @property
    def percent(self) -> int:
        """How much is done, for a progress bar."""
        return round(100 * self.share)


class Check:
    """The one check of an installation; there is never a second at the same time."""

    def __init__(self, settings: Settings, draft: Path) -> None:
        self._settings = settings
        self._draft = draft
        self._folder = settings.data / "candidate"

    @property
    def archive(self) -> Path | None:
        """The archive that the check trained."""
        result = self.state().result or {}
        path = self._folder / ARCHIVE / str(result.get("archive", ""))
        return path if path.is_file() else None

    def start(self) -> bool:
        """Start, unless one runs; return whether it did."""
        if self._running():
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in (PROGRESS, RESULT):
            (self._folder / name).unlink(missing_ok=True)
        environment = {**os.environ, "CONOCE_CONTENT": str(self._draft)}
        command = [sys.executable, "-m", "bot.cli", "candidate", str(self._folder)]
        # What it prints may hold what it reads; what matters it writes into the folder.
        process = subprocess.Popen(  # noqa: S603 - our own command, of this very Python
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        (self._folder.parent / f"candidate.{_PROCESS}").write_text(str(process.pid))
        return True

    def state(self) -> State:
        """Return how it stands."""
        result, progress = self._read(RESULT), self._read(PROGRESS)
        if result is not None:
            return State(result=result, step="done", share=1.0)
        if self._running():
            at = progress or {"step": "checking", "share": 0.0}
            return State(running=True, step=at["step"], share=at["share"])
        return State(failed=progress is not None)

    def current(self) -> bool:
        """Whether the result is that of the draft as it is now."""
        result = self.state().result
        return result is not None and self._draft.exists() and result["digest"] == digest_of(self._draft)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            data: dict[str, Any] = json.loads((self._folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return data

    def _running(self) -> bool:
        try:
            pid = int((self._folder.parent / f"candidate.{_PROCESS}").read_text())
        except (OSError, ValueError):
            return False
        try:
            # Ended children of this process stay until somebody asks.
            if os.waitpid(pid, os.WNOHANG) != (0, 0):
                return False
        except ChildProcessError:
            pass
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return _alive(pid)
        return b"candidate" in command


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
