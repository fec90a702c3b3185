"""The real thing: a trained archive, and a server in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.channels.twilio.phone import TerminalPhone
from bot.settings import ROOT, load_settings

#: `make soak` tries so many times as much.
SOAK = int(os.environ.get("CONOCE_SOAK", "1"))

#: What the test phones sign with.
TOKEN = "a token of no account"

CONOCE = [sys.executable, "-m", "bot.cli"]


@dataclass(frozen=True)
class Server:
    url: str
    data: Path
    log: Path

    def phone(self, number: str, channel: str = "sms") -> TerminalPhone:
        return TerminalPhone(TOKEN, self.url, self.url, number, channel)

    def post(self, path: str, body: bytes) -> tuple[int, Any]:
        request = urllib.request.Request(self.url + path, data=body, method="POST")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def say(self, text: str, sender: str, **metadata: str) -> list[dict[str, Any]]:
        body = json.dumps({"sender": sender, "message": text, "metadata": metadata})
        status, replies = self.post("/webhooks/rest/webhook", body.encode())
        assert status == 200
        return list(replies)


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CONOCE_")}
    own = {"CONOCE_DATA": str(data), "CONOCE_TRANSCRIPTS": "full", "CONOCE_STAFF_PORT": "0"}
    return kept | own | more


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a freshly trained archive."""
    folder = tmp_path_factory.mktemp("data")
    # The vectors of examples that did not change since the last run are the same (bot/encoder.py).
    remembered = load_settings().vectors
    if remembered.exists():
        shutil.copy(remembered, folder)
    done = subprocess.run(
        [*CONOCE, "train"], env=environment(folder), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    remembered.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "vectors.npz", remembered)
    return folder


def installation_like(data: Path, folder: Path) -> Path:
    """Another data folder with the same archive, and the secret that it is signed with; return it."""
    shutil.copytree(data / "models", folder / "models")
    shutil.copy(data / "secret", folder)
    return folder


def ask(data: Path, lines: bytes, *options: str) -> list[dict[str, Any]]:
    """Ask lines with `conoce ask --json`."""
    done = subprocess.run(
        [*CONOCE, "ask", "--json", *options],
        input=lines,
        env=environment(data),
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(data: Path, port: int = 0, **more: str) -> Iterator[tuple[Server, subprocess.Popen[bytes]]]:
    """The running assistant, on a free port unless one is given, and its process."""
    port = port or free_port()
    log = data / "server.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*CONOCE, "run"],
            env=environment(data, CONOCE_PORT=str(port), TWILIO_AUTH_TOKEN=TOKEN, **more),
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    url = f"http://localhost:{port}"
    try:
        for _ in range(240):
            assert process.poll() is None, log.read_text()
            try:
                with urllib.request.urlopen(f"{url}/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.5)
        yield Server(url, data, log), process
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def server(data: Path) -> Iterator[Server]:
    """The running assistant, shared by all tests."""
    with serving(data) as (running, _):
        yield running
