"""Fast enough on a slow network and an old phone."""

from __future__ import annotations

import gzip
import statistics
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from bot.settings import ROOT
from tests.system.browser import PHONE, Visitor, chromium, needs_chromium, words
from tests.system.conftest import Server

pytestmark = needs_chromium

#: Slow 3G as Lighthouse had it, and a phone four times slower than this machine.
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400 * 1000 / 8,
    "uploadThroughput": 400 * 1000 / 8,
}
SLOWER = 4

#: The limits of the page, in bytes as they travel, and in milliseconds.
PAGE_BYTES, LOADER_BYTES = 60_000, 8_000
USABLE_MS, ANSWER_MS = 1500, 150


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def travelled(url: str) -> int:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        return len(response.read())


def test_the_page_and_the_loader_are_small(server: Server) -> None:
    # The page with all its words and first steps, not its script alone.
    assert travelled(f"{server.url}/frame") <= PAGE_BYTES
    assert travelled(f"{server.url}/widget.js") <= LOADER_BYTES
    assert len(gzip.compress((ROOT / "widget/dist/page.js").read_bytes())) <= PAGE_BYTES


def test_usable_on_slow_3g_and_an_old_phone(browser: Browser, server: Server) -> None:
    times = []
    for _ in range(5):
        context = browser.new_context(viewport=PHONE, locale="es")
        page = context.new_page()
        control = context.new_cdp_session(page)
        control.send("Network.enable")
        control.send("Network.emulateNetworkConditions", SLOW_3G)
        control.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.add_init_script(
            """new MutationObserver((_, observer) => {
              if (!document.querySelector("footer .emergency")) return;
              observer.disconnect();
              window.drawn = new Promise((done) => requestAnimationFrame(() => done(performance.now())));
            }).observe(document, {childList: true, subtree: true});"""
        )
        page.goto(f"{server.url}/?lang=es")
        times.append(page.evaluate("window.drawn"))
        page.locator("footer .emergency").click()
        expect(page.get_by_role("dialog")).to_contain_text("puerta cerrada")
        context.close()
    # From the address to a page that can be written in, with first steps one touch away. The best of
    # five: what else the machine does at the time is not ours.
    assert min(times) <= USABLE_MS, times


#: Notes in `times` how long after a question its answer was drawn, in milliseconds.
WATCH = """() => {
  window.times = [];
  let asked = 0;
  new MutationObserver((changes) => {
    for (const {addedNodes} of changes) for (const node of addedNodes) {
      if (node.classList?.contains("you")) asked = performance.now();
      if (node.classList?.contains("bot")) window.times.push(performance.now() - asked);
    }
  }).observe(document.querySelector("[role=log]"), {childList: true});
}"""


def test_an_answer_is_shown_soon_after_it_was_asked_for(browser: Browser, server: Server) -> None:
    medians = []
    # The best of three conversations: what else the machine does at the time is not ours.
    for _ in range(3):
        context = browser.new_context(viewport=PHONE, locale="en")
        visitor = Visitor(context, server.url)
        visitor.ask("hello")
        visitor.page.evaluate(WATCH)
        for question in QUESTIONS:
            visitor.ask(question)
        times = visitor.page.evaluate("window.times")
        assert len(times) == len(QUESTIONS)
        medians.append(statistics.median(times))
        context.close()
    assert min(medians) <= ANSWER_MS, medians


QUESTIONS = (
    "can ice come in my house",
    "when do i renew my daca",
    "what is a judicial warrant",
    "my brother was detained how do i find him",
    "can my child go to school without papers",
    "my boss did not pay me",
    "how do i report abuse to maldef",
    "what is united we dream",
    "¿qué digo si me para la policía?",
    "¿cómo hago un plan familiar?",
    words("es")["topic_daca"],
)
