"""Starts a server in a process of its own and measures it over HTTP."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WEBHOOK = "/webhooks/rest/webhook"


@dataclass(frozen=True)
class Measured:
    """Times in seconds, memory in megabytes, throughput in messages a second."""

    training: float
    ready: float
    memory: float
    p50: float
    p95: float
    throughput: float
    accuracy: float


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    url: str
    pid: int
    ready: float

    def say(self, text: str, sender: str) -> list[dict[str, Any]]:
        """Send one message over REST and return the replies."""
        body = json.dumps({"sender": sender, "message": text}).encode()
        request = urllib.request.Request(
            self.url + WEBHOOK, data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            return list(json.loads(response.read()))

    def memory(self) -> float:
        """Return the resident memory in megabytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def times(self, texts: Sequence[str], sender: str = "one client") -> list[float]:
        """Return the seconds of each message, one after the other, each a new conversation."""
        found = []
        for number, text in enumerate(texts):
            started = time.perf_counter()
            self.say(text, f"{sender} {number}")
            found.append(time.perf_counter() - started)
        return found

    def throughput(self, texts: Sequence[str], clients: int = 16) -> float:
        """Return the messages a second of `clients` clients at once."""
        started = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda pair: self.say(pair[1], f"many {pair[0]}"), enumerate(texts)))
        return len(texts) / (time.perf_counter() - started)


@contextmanager
def running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], port: int, log: Path
) -> Iterator[Running]:
    """Start a server and wait until it answers a message; stop it at the end."""
    url = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        server = Running(url, process.pid, 0.0)
        while True:
            if process.poll() is not None:
                sys.exit(f"{' '.join(command)} ended; see {log}")
            try:
                server.say("hello", "probe")
                break
            except OSError:
                time.sleep(0.2)
        yield Running(url, process.pid, time.perf_counter() - started)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def run_timed(command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> float:
    """Run a command and return its seconds; end with its log's name if it fails."""
    started = time.perf_counter()
    with log.open("ab") as out:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **environment}, stdout=out, stderr=out, check=False
        )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed; see {log}")
    return time.perf_counter() - started


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p95."""
    ordered = sorted(seconds)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
