"""The running assistant over HTTP and in a real browser."""

from __future__ import annotations

import shutil
import sqlite3
import urllib.request
from pathlib import Path

import pytest

from tests.planted import PLANTED
from tests.system.conftest import Server, ask

#: Four digits of a part of a secret also stand in the digits of a time.
MIN_SECRET = 6

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "expected an object"),
        (b"{", "not JSON"),
        (b"\xff\xfe", ""),
        (b"[]", "expected an object"),
        (b'"hi"', "expected an object"),
        (b"{}", '"message" must be a string'),
        (b'{"message": 5}', '"message" must be a string'),
        (b'{"message": "hi", "sender": ""}', '"sender" must be'),
        (b'{"message": "hi", "sender": ["x"]}', '"sender" must be'),
        (b'{"message": "hi", "metadata": "x"}', '"metadata" must be an object'),
        (b'{"message": "hi", "metadata": {"channel": "fax"}}', "must be one of"),
        (b'{"message": "' + b"x" * 70_000 + b'"}', "larger than"),
    ],
)
def test_a_wrong_request_is_refused_with_the_reason(server: Server, body: bytes, reason: str) -> None:
    status, answer = server.post("/webhooks/rest/webhook", body)
    assert status == 400
    assert reason in answer["error"]


@pytest.mark.parametrize(
    "text", ["", " ", "\u0000", "\ud800x", "🙂", "/restart", "/session_start", "x" * 10_000, "a\r\nb"]
)
def test_odd_texts_get_a_reply(server: Server, text: str) -> None:
    assert server.say(text, "odd")[0]["text"]


def test_a_conversation_survives_between_messages(server: Server) -> None:
    server.say("¿Cuánto cuesta renovar DACA?", "talk")
    assert server.say("¿y si no tengo dinero?", "talk")[0]["conoce"]["faq_id"] == "daca_paying_help"
    repeated = server.say("in english please", "talk")[0]
    assert repeated["conoce"]["lang"] == "en"
    assert "$" in repeated["text"] or "fee" in repeated["text"].lower()


def test_two_misses_in_a_row_lead_to_people(server: Server) -> None:
    first = server.say("blorp fizz wug", "lost")[0]["text"]
    second = server.say("zork plugh xyzzy", "lost")[0]["text"]
    assert first != second
    assert "immigrationlawhelp" in second.lower() or "united we dream" in second.lower()


def test_choices_are_questions_and_can_be_picked_by_number(server: Server) -> None:
    for text in (
        "How many days before expiration is the sweet spot for filing",
        "¿La migra se puede meter a la casa así nomás, tumbando la puerta?",
        "Can they come into the apartment just because the landlord gave them a key",
        "qué les digo por la ventana si llegan a buscar a mi esposo a la casa, para estar preparada",
    ):
        reply = server.say(text, f"choices {text}")[0]
        if not reply["conoce"]["faq_id"] and len(reply["buttons"]) in (3, 4):
            assert all("_" not in button["title"] for button in reply["buttons"])
            picked = server.say("2", f"choices {text}")[0]
            again = server.say(reply["buttons"][1]["payload"], f"choices {text} again")[0]
            assert picked["conoce"]["faq_id"] == again["conoce"]["faq_id"]
            return
    pytest.fail("none of the doubtful questions gave choices")


def test_planted_identifiers_are_nowhere_and_erasure_leaves_nothing(server: Server) -> None:
    for number, planted in enumerate(PLANTED):
        server.say(planted.sentence, f"planted {number}")
    ask(server.data, "\n".join(p.sentence for p in PLANTED).encode())
    server.say("mi pregunta es inconfundible: zanahoriamorada", "erase me")
    written = {path: path.read_bytes() for path in server.data.rglob("*") if path.is_file()}
    # The test can find what is there.
    assert any(b"zanahoriamorada" in content for content in written.values())
    found = [
        (secret, path.name)
        for planted in PLANTED
        for secret in planted.secrets
        for path, content in written.items()
        if len(secret) >= MIN_SECRET and secret.encode() in content
    ]
    assert found == []
    assert "borr" in server.say("borrar", "erase me")[0]["text"].lower()
    left = [p.name for p in server.data.rglob("*") if p.is_file() and b"zanahoriamorada" in p.read_bytes()]
    assert left == []


def test_senders_are_not_stored(server: Server) -> None:
    server.say("hello", "very-recognizable-sender")
    with sqlite3.connect(server.data / "conoce.sqlite3") as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM conversations")]
    assert ids
    assert not any("recognizable" in id_ for id_ in ids)


def test_feedback_is_noted_on_the_answer(server: Server) -> None:
    server.say("¿Cuándo debo renovar mi DACA?", "feedback")
    server.say("sí me sirvió, gracias por la respuesta", "feedback")
    server.say("that did not help me", "feedback")
    with sqlite3.connect(server.data / "conoce.sqlite3") as connection:
        noted = [row[0] for row in connection.execute("SELECT feedback FROM turns WHERE feedback NOT NULL")]
    assert noted


def test_health_and_headers(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/health") as response:
        assert b'"ok"' in response.read()
    with urllib.request.urlopen(server.url) as response:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in response.headers


def test_a_report_is_guided_and_its_words_are_kept_nowhere(server: Server) -> None:
    first = server.say("quiero hacer una denuncia", "report")[0]
    assert (first["conoce"]["sheet"]["step"], len(first["buttons"])) == (1, 9)
    said = [
        "mi patron no me pago zanahoriaverde",
        "en Texas",
        "hace un mes",
        "el mayordomo",
        "tengo mensajes",
    ]
    for step, text in enumerate(said, 2):
        assert server.say(text, "report")[0]["conoce"]["sheet"]["step"] == step, text
    last = server.say("sí", "report")[0]
    assert last["conoce"]["sheet"]["done"]
    assert "MALDEF" in last["text"]
    assert "San Antonio" in last["text"]  # MALDEF's office for Texas
    assert "911" in last["text"]
    kept = [p.name for p in server.data.rglob("*") if p.is_file() and b"zanahoriaverde" in p.read_bytes()]
    assert kept == []


def test_an_emergency_ends_a_report(server: Server) -> None:
    server.say("i want to report something", "report and agents")
    reply = server.say("ICE is banging on my door right now", "report and agents")[0]
    assert reply["conoce"]["faq_id"] == "urgent/at_door"


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("sheet", ["card", "card?size=large", "plan"])
def test_a_sheet_prints_on_one_page(server: Server, tmp_path: Path, sheet: str, language: str) -> None:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{server.url}/print/{sheet}{'&' if '?' in sheet else '?'}lang={language}")
        # Nothing is cut off, and the agent's side is in English whatever the language.
        sides = page.locator(".wallet .side")
        for side in sides.all():
            assert side.evaluate("e => e.scrollHeight <= e.clientHeight + 1")
        if "card" in sheet:
            assert "judge" in page.locator(".agent").all_inner_texts()[2]
        assert page.locator("svg").count() >= 1
        printed = page.pdf(prefer_css_page_size=True)
        assert printed.count(b"/Type /Page\n") == 1 or printed.count(b"/Type /Page ") == 1
        browser.close()


def test_the_topics_have_pages_and_numbers_choose(server: Server) -> None:
    menu = server.say("menú", "menu")[0]
    assert len(menu["buttons"]) == 11
    daca = server.say("1", "menu")[0]
    assert daca["conoce"]["decision"] == "dialogue"
    more = daca["buttons"][-1]["payload"]
    assert "2" in more
    assert server.say(more, "menu")[0]["buttons"][0] != daca["buttons"][0]
    chosen = server.say("3", "menu")[0]
    assert chosen["conoce"]["faq_id"]
