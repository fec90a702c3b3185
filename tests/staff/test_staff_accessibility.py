"""Every page of the staff app in a real Chromium, from the real server.

Pages are found by walking the addresses, so a new one is looked at without being named here. The
database is filled in a process of its own (`python -m tests.staff.test_staff_accessibility`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as PlaywrightError

from bot import placeholder
from bot.settings import ROOT
from tests.system.browser import AXE, SHOTS, chromium, needs_chromium
from tests.system.conftest import free_port

pytestmark = needs_chromium

#: The narrowest window in which a page must not scroll sideways (WCAG 1.4.10).
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 800}

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

#: What addresses ask for; pages whose arguments are not here are not opened.
CONVERSATION = f"{7:064x}"
FILLED: dict[str, Any] = {
    "conversation": CONVERSATION,
    "name": "unknown",
    "entry": "daca_what_it_is",
    "topic": "daca",
}


@dataclass(frozen=True)
class Staff:
    """The running app: its address, the session of an administrator, the pages by their names."""

    url: str
    session: str
    pages: dict[str, str]
    skipped: list[str]
    broken: list[str]


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    """The app in a process of its own, as `conoce run` starts it."""
    data = tmp_path_factory.mktemp("staff")
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CONOCE_") and k != "DATABASE_URL"}
    environment = kept | {"CONOCE_DATA": str(data), "CONOCE_STAFF_PORT": str(port)}
    subprocess.run([sys.executable, "-m", "staff.translations"], cwd=ROOT, check=True)
    filled = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.staff.test_staff_accessibility"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert filled.returncode == 0, filled.stderr
    known = json.loads(filled.stdout.splitlines()[-1])
    log = data / "staff.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "staff.serve"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    url = f"http://localhost:{port}"
    try:
        _wait(url, server, log)
        yield _sorted(url, known["session"], known["paths"])
    finally:
        server.terminate()
        server.wait(20)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(120):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/account/sign-in/", timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the staff app does not start")


def _sorted(url: str, session: str, paths: dict[str, str]) -> Staff:
    """Open each address once: some are no pages, and none may break."""
    staff = Staff(url, session, {}, [], [])
    for name, path in paths.items():
        request = urllib.request.Request(url + path, headers={"Cookie": f"conoce_staff={session}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                stays = answer.url == url + path
                page = stays and answer.headers["Content-Type"].startswith("text/html") and answer.read()
        except urllib.error.HTTPError as error:
            (staff.broken if error.code >= 500 else staff.skipped).append(name)
            continue
        if page and b"<html" in page:
            staff.pages[name] = path
        else:
            staff.skipped.append(name)
    return staff


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def opened(browser: Browser, staff: Staff, language: str, **more: Any) -> BrowserContext:
    """Return a browser in which the administrator has signed in."""
    context = browser.new_context(viewport=WIDE, **more)
    cookies = {"conoce_staff": staff.session, "conoce_staff_language": language}
    context.add_cookies([{"name": n, "value": v, "url": staff.url} for n, v in cookies.items()])
    context.set_default_timeout(15_000)
    return context


class Reader:
    """Someone who opens one page after the other."""

    def __init__(self, context: BrowserContext, staff: Staff) -> None:
        self.staff = staff
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def open(self, path: str) -> list[str]:
        """Open a page; return what the console complains of, as a breach of the policy."""
        self.errors.clear()
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme="light")
        self.page.goto(self.staff.url + path)
        # What is folded away must be readable too.
        self.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        return list(self.errors)

    def violations(self, **options: Any) -> list[str]:
        """Return what axe finds."""
        # Through the protocol, which the page's policy does not bind.
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("options => axe.run(document, options)", options)
        return [f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]]

    def in_light(self) -> list[str]:
        return self.violations(runOnly={"type": "tag", "values": TAGS})

    def in_dark(self) -> list[str]:
        """Only colours differ in the dark."""
        self.page.emulate_media(color_scheme="dark")
        found = self.violations(runOnly={"type": "rule", "values": ["color-contrast", "link-in-text-block"]})
        return [f"dark {one}" for one in found]

    def in_narrow(self) -> list[str]:
        """Return what is wider than a narrow window."""
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        with suppress(PlaywrightError):
            # Charts take the new width a moment later.
            self.page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=1500)
        wide = self.page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] :
              [...document.querySelectorAll("body *")]
                .filter(one => one.getBoundingClientRect().right > innerWidth && !one.closest(".scroll"))
                .map(one => one.outerHTML.slice(0, 120)).slice(-3)"""
        )
        return [f"wider than {NARROW['width']} px: {one}" for one in wide]

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(SHOTS / f"staff-{name}.png"), full_page=True)


def examine(reader: Reader, name: str, path: str, error_page: bool = False) -> list[str]:
    """Return all that is wrong with a page."""
    problems = [] if error_page else [f"console: {one}" for one in reader.open(path)]
    if error_page:
        reader.open(path)  # Its own status is an error for the console.
    problems += reader.in_light()
    reader.shot(name)
    problems += reader.in_dark()
    problems += reader.in_narrow()
    return [f"{name}: {one}" for one in problems]


def test_the_walk_finds_the_pages(staff: Staff) -> None:
    """Otherwise the other tests would pass without looking at anything."""
    assert {"figures:dashboard", "figures:care", "review:queues", "review:list", "audit:log"} <= set(
        staff.pages
    )
    assert staff.broken == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_is_accessible(browser: Browser, staff: Staff, language: str) -> None:
    context = opened(browser, staff, language)
    reader = Reader(context, staff)
    problems: list[str] = []
    for name, path in staff.pages.items():
        problems += examine(reader, f"{name.replace(':', '-')}-{language}", path)
        if reader.page.locator("html").get_attribute("lang") != language:
            problems.append(f"{name}: is not in {language}")
    problems += examine(reader, f"404-{language}", "/nothing/here/", error_page=True)
    context.close()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_sign_in_is_accessible(browser: Browser, staff: Staff, language: str) -> None:
    context = opened(browser, staff, language)
    context.clear_cookies(name="conoce_staff")
    problems = examine(Reader(context, staff), f"sign-in-{language}", "/account/sign-in/")
    context.close()
    assert not problems, "\n".join(problems)


def test_charts_are_drawn(browser: Browser, staff: Staff) -> None:
    context = opened(browser, staff, "en")
    reader = Reader(context, staff)
    assert reader.open(staff.pages["figures:dashboard"]) == []
    reader.page.wait_for_timeout(600)
    painted = reader.page.evaluate(
        """() => [...document.querySelectorAll("canvas")].map(canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.some(value => value > 0);
        })"""
    )
    assert len(painted) >= 5
    assert all(painted)
    context.close()


@pytest.mark.parametrize(
    ("motion", "still"),
    [("reduce", True), ("no-preference", False)],
)
def test_charts_do_not_move_for_those_who_asked(
    browser: Browser, staff: Staff, motion: Any, still: bool
) -> None:
    context = opened(browser, staff, "en", reduced_motion=motion)
    reader = Reader(context, staff)
    reader.open(staff.pages["figures:dashboard"])
    found = reader.page.evaluate(
        "[...document.querySelectorAll('canvas')].map(canvas => Chart.getChart(canvas).options.animation)"
    )
    assert found
    assert all((one is False) is still for one in found)
    context.close()


def fill() -> dict[str, Any]:
    """Fill the database; return the session of an administrator and the addresses that can be made."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "staff.settings")
    import django

    from bot.settings import load_settings
    from bot.storage.database import Database

    database = Database(load_settings().database_url)
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.urls import reverse

    call_command("migrate", verbosity=0, interactive=False)
    from staff.accounts.roles import Role
    from tests.staff.conftest import person, signed_in
    from tests.staff.test_figures_speed import insert, turns

    insert(turns(2000, time.time()))
    database.append(CONVERSATION, {}, [], [_said(place, text) for place, text in enumerate(_TEXTS)])
    database.close()
    person(Role.REVIEWER)
    administrator = person(Role.ADMINISTRATOR)
    filled = FILLED | {"pk": administrator.pk}
    return {
        "session": signed_in(administrator).cookies[settings.SESSION_COOKIE_NAME].value,
        "paths": {
            name: reverse(name, kwargs={argument: filled[argument] for argument in arguments})
            for name, arguments in sorted(addresses())
            if set(arguments) <= set(filled)
        },
    }


_TEXTS = (
    "que es daca",
    "<script>alert(1)</script> ¿me pueden sacar de mi casa?",
    "my phone is [phone] and averylongwordwithoutanyspaceatallthatgoesonandonandonandonandonandon",
)


def _said(place: int, text: str) -> dict[str, Any]:
    return {
        "timestamp": time.time() - 60 + place,
        "channel": "website",
        "language": "es",
        "detected": "es",
        "decision": "unknown" if place else "answer",
        "intent": "nlu_fallback" if place else "faq/daca_what_it_is",
        "confidence": 0.4,
        "candidates": json.dumps([{"intent": "faq/daca_what_it_is", "confidence": 0.4}]),
        "text": text,
        "redacted": "phone" if "[phone]" in text else "",
        "feedback": None if place else "helped",
        "took": 0.1,
    }


def addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name of each address of the app, and its arguments."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: Any, spaces: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for one in patterns:
            if isinstance(one, URLResolver):
                inner = (*spaces, one.namespace) if one.namespace else spaces
                yield from walk(one.url_patterns, inner)
            elif isinstance(one, URLPattern) and one.name:
                yield ":".join((*spaces, one.name)), tuple(one.pattern.converters)

    return walk(get_resolver().url_patterns, ())


if __name__ == "__main__":
    placeholder.install()
    print(json.dumps(fill()))
