"""Keeps the staff app running beside the assistant, in a process of its own.

Whatever happens there, the assistant goes on: it is started again after a while, and it ends when
the assistant does, even if that is killed (its standard input ends then).
"""

from __future__ import annotations

import atexit
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from bot.settings import ROOT

logger = logging.getLogger(__name__)

STAFF = (sys.executable, "-m", "staff.serve", "--with-parent")

#: Seconds before another start; each failure in a row doubles them up to the last.
PATIENCE, MOST_PATIENCE = 1.0, 60.0

#: A process that ran for so many seconds had started well.
WELL = 30.0


class Companion:
    """One process that is started again whenever it ends."""

    def __init__(self, command: Sequence[str] = STAFF, patience: float = PATIENCE) -> None:
        self._command = list(command)
        self._patience = patience
        self._stopped = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and the thread that looks after it."""
        atexit.register(self.stop)
        threading.Thread(target=self._look_after, name="companion", daemon=True).start()

    def stop(self) -> None:
        """End the process."""
        self._stopped.set()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def _look_after(self) -> None:
        patience = self._patience
        while not self._stopped.is_set():
            began = time.monotonic()
            # Our own command, of this very Python.
            self.process = subprocess.Popen(self._command, cwd=ROOT, stdin=subprocess.PIPE)  # noqa: S603
            code = self.process.wait()
            if self._stopped.is_set():
                return
            patience = self._patience if time.monotonic() - began > WELL else min(2 * patience, MOST_PATIENCE)
            logger.error("the staff app ended (%s) and is started again in %.0f s", code, patience)
            self._stopped.wait(patience)
