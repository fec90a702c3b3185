"""A real Chromium, and what a visitor does in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Locator, Page, sync_playwright

from bot.settings import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: install the package chromium")

#: Where quick exit leads; no request may leave the machine, so the tests answer for it.
EXIT = "https://www.google.com/"

PHONE = {"width": 360, "height": 740}

#: Screenshots of the main states, to be looked at when the page changes.
SHOTS = ROOT / "var" / "screenshots"

AXE = ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Without these Chromium looks for its maker's hosts at the start.
        quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield browser
        browser.close()


class Visitor:
    """A person with the page open, or with the widget on another site (then `view` is its frame)."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.view: Page | Frame = self.page
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        context.route(f"{EXIT}**", lambda route: route.fulfill(body="elsewhere", content_type="text/html"))
        self.page.goto(url)

    @property
    def log(self) -> Locator:
        return self.view.get_by_role("log")

    @property
    def answers(self) -> Locator:
        return self.log.locator("article.bot")

    @property
    def box(self) -> Locator:
        return self.view.locator("form.composer textarea")

    @property
    def status(self) -> Locator:
        return self.view.locator("footer [role=status]")

    def button(self, name: str) -> Locator:
        return self.view.get_by_role("button", name=name, exact=True)

    def ask(self, text: str) -> Locator:
        """Write a question, wait for the answer, return it."""
        before = self.answers.count()
        # A hand that touches the box: in a frame only that brings the keys there.
        self.box.click()
        self.box.fill(text)
        self.box.press("Enter")
        answer = self.answers.nth(before)
        answer.wait_for(timeout=20_000)
        return answer

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"{name}.png"))

    def violations(self) -> list[dict[str, Any]]:
        """Return what axe finds against the rules of WCAG 2.2, levels A and AA."""
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        # Through the protocol, which the page's policy does not bind.
        self.view.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.view.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
        return [
            {"rule": v["id"], "nodes": [node["html"][:200] for node in v["nodes"]]}
            for v in found["violations"]
        ]

    def kept(self) -> dict[str, Any]:
        """Return all that the browser keeps for the page's origin."""
        return dict(
            self.view.evaluate(
                """async () => ({
                  cookies: document.cookie,
                  local: localStorage.length,
                  session: sessionStorage.length,
                  caches: await caches.keys(),
                  databases: (await indexedDB.databases()).length,
                  workers: (await navigator.serviceWorker.getRegistrations()).length,
                })"""
            )
        )


NOTHING_KEPT = {"cookies": "", "local": 0, "session": 0, "caches": [], "databases": 0, "workers": 0}


def words(language: str) -> dict[str, str]:
    """Return the page's words as data/texts.yml has them."""
    from bot.content import read_yaml

    texts = read_yaml(ROOT / "data" / "texts.yml")
    return {key: text[language] for key, text in texts.items() if isinstance(text, dict) and language in text}
