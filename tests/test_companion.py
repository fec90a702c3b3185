"""The staff app runs beside the assistant: it comes back, and it goes when the assistant goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from bot.companion import Companion
from bot.settings import ROOT

#: Ends when its standard input does, as `python -m staff.serve --with-parent`.
PROGRAM = [sys.executable, "-c", "import sys; sys.stdin.read()"]


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def test_it_is_started_again_when_it_dies() -> None:
    companion = Companion(PROGRAM, patience=0.01)
    companion.start()
    eventually(lambda: companion.process is not None)
    first = companion.process
    assert first is not None
    first.kill()
    eventually(lambda: companion.process is not first)
    second = companion.process
    assert second is not None and second.poll() is None
    companion.stop()
    eventually(lambda: second.poll() is not None)
    time.sleep(0.1)
    assert companion.process is second


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX")
def test_it_ends_when_the_assistant_is_killed() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import time; from bot.companion import Companion; c = Companion({PROGRAM!r}); c.start()\n"
            "while c.process is None: time.sleep(.01)\n"
            "print(c.process.pid, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    eventually(lambda: not alive(child))
