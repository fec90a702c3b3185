"""The server is killed at random moments of a conversation; the page is not told."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import expect

from tests.system.browser import PHONE, Visitor, chromium, needs_chromium
from tests.system.conftest import SOAK, free_port, serving

KILLS = 20 if SOAK == 1 else 100

#: A message is sent, taken, understood, stored and answered within about this many seconds.
TURN = 0.25


@needs_chromium
def test_no_message_is_lost_or_doubled_when_the_server_is_killed(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "models", tmp_path / "models")
    port, moments = free_port(), random.Random(20261124)
    said = [f"when do i renew my daca {number}" for number in range(KILLS)]
    with chromium() as browser, ExitStack() as running:
        server, process = running.enter_context(serving(tmp_path, port))
        visitor = Visitor(browser.new_context(viewport=PHONE, locale="en"), server.url)
        visitor.ask("hello")
        for number, text in enumerate(said, 1):
            late = moments.random() < 0.2
            if late:  # nobody is there to hear it
                process.kill()
            visitor.box.fill(text)
            visitor.box.press("Enter")
            if not late:
                time.sleep(moments.uniform(0, TURN))
                process.kill()
            process.wait(20)
            server, process = running.enter_context(serving(tmp_path, port))
            expect(visitor.answers).to_have_count(number + 1, timeout=60_000)
        assert visitor.log.locator(".you .said").all_inner_texts() == ["hello", *said]
        assert "150" in visitor.answers.last.inner_text()
    with sqlite3.connect(tmp_path / "conoce.sqlite3") as database:
        turns = database.execute("SELECT text FROM turns ORDER BY id").fetchall()
        conversations = database.execute("SELECT count(DISTINCT conversation) FROM turns").fetchone()
    assert [text for (text,) in turns] == ["hello", *said]
    assert conversations == (1,)
