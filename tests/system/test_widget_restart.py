"""The server is killed at random moments of several conversations; the pages are not told."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import expect

from tests.system.browser import PHONE, Visitor, chromium, needs_chromium
from tests.system.conftest import SOAK, free_port, installation_like, serving

#: So many people write around each kill, each at a random moment of their own.
VISITORS = 4

#: 20 moments in `make test`, 100 in `make soak`.
KILLS = (20 if SOAK == 1 else 100) // VISITORS

#: A message is sent, taken, understood, stored and answered within about this many seconds.
TURN = 0.25


@needs_chromium
def test_no_message_is_lost_or_doubled_when_the_server_is_killed(data: Path, tmp_path: Path) -> None:
    installation_like(data, tmp_path)
    port, moments = free_port(), random.Random(20261124)
    said = [
        [f"when do i renew my daca {who} {number}" for number in range(KILLS)] for who in "abcd"[:VISITORS]
    ]
    with chromium() as browser, ExitStack() as running:
        server, process = running.enter_context(serving(tmp_path, port))
        visitors = [
            Visitor(browser.new_context(viewport=PHONE, locale="en"), server.url) for _ in range(VISITORS)
        ]
        for visitor in visitors:
            visitor.ask("hello")
        for number in range(KILLS):
            # Before the kill, in the middle of the turn; one in five after it, with nobody to hear.
            plan: list[tuple[float, Callable[[], None]]] = [(0.0, process.kill)]
            for visitor, texts in zip(visitors, said, strict=True):
                moment = moments.uniform(-TURN, 0.25 * TURN)
                plan.append((moment, lambda v=visitor, text=texts[number]: write(v, text)))
            follow(plan)
            process.wait(20)
            server, process = running.enter_context(serving(tmp_path, port))
            for visitor in visitors:
                expect(visitor.answers).to_have_count(number + 2, timeout=60_000)
        for visitor, texts in zip(visitors, said, strict=True):
            assert visitor.log.locator(".you .said").all_inner_texts() == ["hello", *texts]
            assert "150" in visitor.answers.last.inner_text()
    with sqlite3.connect(tmp_path / "conoce.sqlite3") as database:
        rows = database.execute("SELECT conversation, text FROM turns ORDER BY id").fetchall()
    stored: dict[str, list[str]] = {}
    for conversation, text in rows:
        stored.setdefault(conversation, []).append(text)
    assert sorted(stored.values()) == sorted(["hello", *texts] for texts in said)


def write(visitor: Visitor, text: str) -> None:
    visitor.box.fill(text)
    visitor.box.press("Enter")


def follow(plan: list[tuple[float, Callable[[], None]]]) -> None:
    """Do each thing at its moment, in seconds from the kill at 0."""
    start = time.monotonic() + TURN
    for moment, do in sorted(plan, key=lambda step: step[0]):
        time.sleep(max(0.0, start + moment - time.monotonic()))
        do()
