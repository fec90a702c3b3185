"""What may not happen: traces, strangers' scripts, other sites reading along, a slow way out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, WebSocketRoute, expect

from tests.system.browser import EXIT, NOTHING_KEPT, PHONE, Visitor, chromium, needs_chromium, words
from tests.system.conftest import Server

pytestmark = needs_chromium

EN = words("en")
MARKUP = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>{{7*7}}'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visitor]:
    context = browser.new_context(viewport=PHONE, locale="en")
    yield Visitor(context, f"{server.url}/?lang=en")
    context.close()


# Quick exit


@pytest.mark.parametrize("way", ["button", "escapes", "escapes in a dialog"])
def test_quick_exit_leaves_at_once_and_going_back_does_not_return(visitor: Visitor, way: str) -> None:
    visitor.ask("can ice come in my house")
    if way == "button":
        visitor.button(EN["page_exit"]).click()
    else:
        if way == "escapes in a dialog":
            visitor.button(EN["page_tools"]).click()
        visitor.page.keyboard.press("Escape")
        visitor.page.keyboard.press("Escape")
    visitor.page.wait_for_url(EXIT)
    visitor.page.go_back()
    assert "judge" not in visitor.page.content()
    assert visitor.page.url in (EXIT, "about:blank")


def test_one_escape_only_closes_a_dialog(visitor: Visitor, server: Server) -> None:
    visitor.button(EN["page_tools"]).click()
    visitor.page.keyboard.press("Escape")
    expect(visitor.view.get_by_role("dialog")).to_have_count(0)
    assert visitor.page.url.startswith(server.url)


def test_the_tab_says_nothing(visitor: Visitor) -> None:
    assert visitor.page.title() == EN["page_tab"] == "Information"
    assert "favicon" not in " ".join(visitor.requests)


# Traces


def test_a_visit_leaves_no_trace_and_asks_nobody_else(visitor: Visitor, server: Server) -> None:
    answers: list[Any] = []
    visitor.page.on("response", lambda response: answers.append(response))
    visitor.page.reload()
    visitor.ask("when do i renew my daca")
    visitor.button(EN["page_tools"]).click()
    visitor.page.keyboard.press("Escape")
    assert visitor.kept() == NOTHING_KEPT
    assert visitor.context.cookies() == []
    assert {r.headers["cache-control"] for r in answers if r.url.startswith("http")} == {"no-store"}
    assert all(url.startswith((server.url, "data:")) for url in visitor.requests)
    # Nothing of what was said is in an address.
    assert "renew" not in " ".join(visitor.requests)
    assert visitor.page.evaluate("history.length") <= 2


# Markup


def test_markup_in_a_question_stays_text(visitor: Visitor) -> None:
    visitor.ask(MARKUP)
    expect(visitor.log.locator(".you .said")).to_have_text(MARKUP)
    assert visitor.page.evaluate("window.hurt") is None


def test_markup_from_the_server_stays_text_in_every_field(browser: Browser, server: Server) -> None:
    """Should the server be deceived one day, its words are still no script."""
    link = [{"label": MARKUP, "url": f"https://example.org/{MARKUP}"}]
    bad = [{"label": "bad", "url": "javascript:window.hurt=1"}, {"label": "bad", "url": "data:text/html,x"}]
    part = {
        "lang": MARKUP,
        "dir": MARKUP,
        "body": f"{MARKUP}\n- {MARKUP}\n1. {MARKUP}",
        "notes": [MARKUP],
        "sources_label": MARKUP,
        "sources": link + bad,
        "resources_label": MARKUP,
        "resources": link + bad,
        "sheet": {"step": 7, "done": True, "labels": [MARKUP]},
    }
    buttons = [{"title": MARKUP, "payload": MARKUP}]
    meta = {"language": "en", "detected": MARKUP, "decision": "answer", "faq_id": MARKUP}
    wording = {"text": MARKUP, "buttons": buttons, "conoce": part}
    reply = {**wording, "conoce": {**part, **meta, "translations": {"es": wording}}}

    def serve(route: WebSocketRoute) -> None:
        def receive(packet: str | bytes) -> None:
            text = str(packet)
            if text.startswith("40"):
                route.send('40{"sid":"a"}')
                route.send(f"42{json.dumps(['session_confirm', {'session_id': MARKUP}])}")
            elif text.startswith("42"):
                number = text[2 : text.index("[")]
                route.send(f"43{number}{json.dumps([{'replies': [reply]}])}")

        route.on_message(receive)
        route.send('0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}')

    context = browser.new_context(viewport=PHONE)
    context.route_web_socket("**/socket.io/**", serve)
    visitor = Visitor(context, f"{server.url}/?lang=en")
    answer = visitor.ask("hello")
    expect(answer).to_contain_text("<script>")
    visitor.button(EN["page_switch_language"]).click()
    expect(answer).to_contain_text("<script>")
    assert visitor.page.evaluate("window.hurt") is None
    assert visitor.page.locator("[role=log] img, [role=log] script").count() == 0
    hrefs = [a.get_attribute("href") or "" for a in answer.locator("a").all()]
    assert {href.partition(":")[0] for href in hrefs} <= {"https", "tel"}
    context.close()


def test_the_browser_itself_refuses_to_make_html_of_text(visitor: Visitor) -> None:
    refused = visitor.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } }"
    )
    assert refused


# On another site


class Host(BaseHTTPRequestHandler):
    """A site with a strict policy of its own that includes the widget."""

    def __init__(self, assistant: str, *args: Any) -> None:
        self.assistant = assistant
        super().__init__(*args)

    def do_GET(self) -> None:
        page = Template((Path(__file__).parent / "sites" / "host.html").read_text(encoding="utf-8"))
        body = page.substitute(assistant=self.assistant).encode()
        ours = f"script-src {self.assistant}; frame-src {self.assistant}"
        policy = f"default-src 'none'; {ours}; style-src 'nonce-n'"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", policy)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def hosting(assistant: str) -> Iterator[str]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, assistant))
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{site.server_port}"
    site.shutdown()
    site.server_close()


@pytest.fixture
def guest(browser: Browser, server: Server) -> Iterator[Visitor]:
    """A visitor of another site, with the widget opened; `view` is the assistant's frame."""
    context = browser.new_context(viewport={"width": 900, "height": 740}, locale="en")
    with hosting(server.url) as site:
        visitor = Visitor(context, site)
        # In a closed shadow root: found by its place alone.
        visitor.page.locator("conoce-widget").click()
        visitor.view = frame_of(visitor, server.url)
        yield visitor
    context.close()


def frame_of(visitor: Visitor, assistant: str) -> Frame:
    for _ in range(100):
        for frame in visitor.page.frames:
            if frame.url.startswith(assistant):
                return frame
        visitor.page.wait_for_timeout(50)
    raise AssertionError("The frame did not come.")


def test_the_widget_answers_on_another_site_under_its_strict_policy(guest: Visitor, server: Server) -> None:
    # The language is that of the site around.
    expect(guest.view.locator("html")).to_have_attribute("lang", "es")
    answer = guest.ask("¿Cuándo debo renovar mi DACA?")
    expect(answer).to_contain_text("150")
    guest.shot("embedded_es")
    assert guest.errors == []
    # The frame may not even ask for storage there.
    assert guest.context.storage_state() == {"cookies": [], "origins": []}
    assert all(url.startswith(server.url) for url in guest.requests[1:])


def test_the_site_around_can_read_nothing(guest: Visitor) -> None:
    guest.ask("can ice come in my house zanahoria")
    read = guest.page.evaluate(
        """() => {
          const found = [];
          const attempt = (name, read) => {
            try { found.push([name, String(read())]); } catch { found.push([name, "refused"]); }
          };
          // The frame is in a closed shadow root: not even in the list of the window's frames.
          attempt("windows", () => window.length);
          attempt("text", () => window[0].document.body.innerText);
          attempt("address", () => window[0].location.href);
          attempt("storage", () => window[0].localStorage.length);
          attempt("shadow", () => document.querySelector("conoce-widget").shadowRoot);
          attempt("frames", () => document.querySelectorAll("iframe").length);
          attempt("page", () => document.documentElement.innerText.includes("zanahoria"));
          return Object.fromEntries(found);
        }"""
    )
    assert read == {
        "windows": "0",
        "text": "refused",
        "address": "refused",
        "storage": "refused",
        "shadow": "null",
        "frames": "0",
        "page": "false",
    }


def test_words_from_strangers_do_nothing(guest: Visitor) -> None:
    """Messages that do not come from the frame, or ask for what is not theirs to ask."""
    before = guest.page.url
    guest.page.evaluate(
        """() => {
          window.postMessage({conoce: "exit", url: "https://www.google.com/"}, "*");
          window.postMessage({conoce: "exit", url: "javascript:alert(1)"}, "*");
        }"""
    )
    guest.view.evaluate(
        """() => {
          window.postMessage({conoce: "exit"}, "*");
          window.postMessage("exit", "*");
          window.postMessage(null, "*");
        }"""
    )
    guest.ask("can ice come in my house")
    assert guest.page.url == before
    expect(guest.log.locator(".you")).to_have_count(1)


@pytest.mark.parametrize("way", ["button", "escapes outside"])
def test_quick_exit_takes_the_whole_site_away(guest: Visitor, way: str) -> None:
    guest.ask("can ice come in my house")
    if way == "button":
        guest.button(words("en")["page_exit"]).click()
    else:
        guest.page.locator("main").click()
        guest.page.keyboard.press("Escape")
        guest.page.keyboard.press("Escape")
    guest.page.wait_for_url(EXIT)


def test_a_site_that_is_not_named_may_not_show_the_frame(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    page = context.new_page()
    context.route(
        "https://scam.example/",
        lambda route: route.fulfill(
            body=f'<iframe src="{server.url}/frame"></iframe><iframe src="{server.url}/"></iframe>',
            content_type="text/html",
        ),
    )
    page.goto("https://scam.example/")
    page.wait_for_load_state("networkidle")
    assert len(page.frames) == 3
    assert {frame.url for frame in page.frames[1:]} == {"chrome-error://chromewebdata/"}
    context.close()
