"""Without a network, and what never goes into it: first steps, the sheet, renewal dates, kept copies."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, WebSocketRoute, expect

from bot.settings import ROOT
from tests.system.browser import NOTHING_KEPT, PHONE, Visitor, chromium, needs_chromium, words
from tests.system.conftest import Server

pytestmark = needs_chromium

LANGUAGES = ["en", "es"]

QUESTION = {"en": "can ice come in my house", "es": "¿Cuándo debo renovar mi DACA?"}

#: Words that nobody else writes, to be looked for: one is asked, the other is only written down.
MARK, SECRET = "zanahoriaverde", "zanahoriasecreta"


class Network:
    """The network of a browser, which can be cut and can lose what the server answers."""

    def __init__(self, context: BrowserContext) -> None:
        self.sent: list[str] = []
        self.received: list[str] = []
        self.losing = False
        self._context = context
        self._lines: list[WebSocketRoute] = []
        context.route_web_socket("**/socket.io/**", self._connect)

    def cut(self) -> None:
        """End the network and all lines: Chromium alone would leave a line open and silent."""
        self._context.set_offline(True)
        for line in self._lines:
            line.close()
        self._lines.clear()

    def restore(self) -> None:
        self.losing = False
        self._context.set_offline(False)

    def wait_for(self, visitor: Visitor, packet: str) -> None:
        """Wait until the server has answered with such a packet, whether it arrives or is lost."""
        for _ in range(200):
            if any(packet in received for received in self.received):
                return
            visitor.page.wait_for_timeout(50)
        raise AssertionError(f"No {packet} came.")

    def _connect(self, line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def send(packet: str | bytes) -> None:
            self.sent.append(str(packet))
            server.send(packet)

        def receive(packet: str | bytes) -> None:
            self.received.append(str(packet))
            if not self.losing:
                line.send(packet)

        line.on_message(send)
        server.on_message(receive)
        self._lines += [line, server]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
def context(browser: Browser, language: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, locale=language)
    yield context
    context.close()


@pytest.fixture
def network(context: BrowserContext) -> Network:
    return Network(context)


@pytest.fixture
def visitor(context: BrowserContext, network: Network, server: Server, language: str) -> Visitor:
    someone = Visitor(context, f"{server.url}/?lang={language}")
    network.wait_for(someone, "session_confirm")
    return someone


def open_tool(visitor: Visitor, name: str, language: str) -> Locator:
    known = words(language)
    visitor.button(known["page_tools"]).click()
    dialog = visitor.view.get_by_role("dialog")
    dialog.get_by_role("button", name=known[f"page_tool_{name}"], exact=True).click()
    expect(dialog).to_have_class(name)
    return dialog


def open_emergency(visitor: Visitor) -> Locator:
    visitor.view.locator("footer .emergency").click()
    return visitor.view.get_by_role("dialog")


def close(dialog: Locator) -> None:
    dialog.locator(".close").click()
    # It is hidden at once; what it held goes away with it a moment later.
    expect(dialog.page.locator("dialog")).to_have_count(0)


def boot(visitor: Visitor) -> dict[str, Any]:
    """Return what the server wrote into the page."""
    return dict(json.loads(visitor.view.locator("#boot").text_content() or ""))


def has_first_steps(visitor: Visitor, language: str) -> None:
    dialog = open_emergency(visitor)
    situations = boot(visitor)["situations"]
    expect(dialog.locator("summary")).to_have_text([each["title"][language] for each in situations])
    expect(dialog.locator("details").first.locator("li").first).to_be_visible()
    close(dialog)


# While the network is away


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_steps_and_phones_are_there(visitor: Visitor, network: Network, language: str) -> None:
    network.cut()
    expect(visitor.status).to_have_text(words(language)["page_lost_connection"])
    has_first_steps(visitor, language)
    dialog = open_emergency(visitor)
    for situation in dialog.locator("details").all()[1:]:
        situation.locator("summary").click()
        expect(situation.locator("li").first).to_be_visible()
    phones = dialog.locator(".hotlines a").all()
    assert len(phones) == len(boot(visitor)["hotlines"]) > 0
    for phone in phones:
        expect(phone).to_be_visible()
        assert re.fullmatch(r"tel:\+?\d{3,}", phone.get_attribute("href") or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rights_card_fills_the_screen_with_what_the_agent_reads(
    visitor: Visitor, network: Network, language: str
) -> None:
    network.cut()
    visitor.page.emulate_media(color_scheme="dark")
    open_emergency(visitor).locator(".emergency").click()
    card = visitor.view.get_by_role("dialog")
    expect(card).to_have_class("rights")
    assert card.bounding_box() == {"x": 0, "y": 0, **PHONE}
    # It is held against a window: black on white, in the dark too.
    expect(card).to_have_css("background-color", "rgb(255, 255, 255)")
    agent = card.locator("header + [lang]")
    expect(agent).to_have_attribute("lang", "en")
    expect(agent).to_be_in_viewport(ratio=1)
    expect(agent.locator("p")).to_have_text(words("en")["card_statement"].strip().split("\n"))
    expect(agent.locator("p").first).to_have_css("color", "rgb(0, 0, 0)")
    meaning = card.locator("[lang=en] ~ [lang=es]")
    expect(meaning).to_have_count(0 if language == "en" else 1)


def test_the_sheet_and_the_dates_work(visitor: Visitor, network: Network) -> None:
    network.cut()
    sheet = open_tool(visitor, "sheet", "en")
    sheet.get_by_label(words("en")["page_sheet_what"]).fill(SECRET)
    with visitor.page.expect_download() as saved:
        sheet.get_by_role("button", name=words("en")["page_sheet_save"]).click()
    assert SECRET in saved.value.path().read_text(encoding="utf-8")
    close(sheet)
    dates = open_tool(visitor, "renewal", "en")
    dates.locator("input").fill(day(130))
    expect(dates).to_contain_text(words("en")["page_renewal_open"])


@pytest.mark.parametrize(
    "when",
    [
        "asked without a network",
        # The server has answered, but the page cannot know and sends it again.
        "cut before the answer came",
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_answered_once_when_the_network_is_back(
    visitor: Visitor, network: Network, server: Server, language: str, when: str
) -> None:
    visitor.ask(QUESTION[language])
    asked = turns(server)
    if when == "asked without a network":
        network.cut()
        write(visitor, f"{QUESTION[language]} {MARK}")
    else:
        network.losing = True
        write(visitor, f"{QUESTION[language]} {MARK}")
        # The answer to the second message of the page (Socket.IO counts them from 0).
        network.wait_for(visitor, "431[")
        network.cut()
    expect(visitor.status).to_have_text(words(language)["page_lost_connection"])
    expect(visitor.answers).to_have_count(1)
    network.restore()
    expect(visitor.answers).to_have_count(2, timeout=20_000)
    expect(visitor.status).to_be_empty()
    # The next one shows that nothing else was under way.
    visitor.ask(QUESTION[language])
    expect(visitor.answers).to_have_count(3)
    expect(visitor.log.locator(".you")).to_have_count(3)
    assert turns(server) == asked + 2


def test_a_line_that_died_in_silence_is_noticed(
    visitor: Visitor, context: BrowserContext, server: Server
) -> None:
    """Nobody tells the page: only the answer does not come."""
    visitor.ask(QUESTION["en"])
    asked = turns(server)
    context.set_offline(True)
    write(visitor, QUESTION["en"])
    expect(visitor.status).to_have_text(words("en")["page_slow"], timeout=10_000)
    expect(visitor.status).to_have_text(words("en")["page_lost_connection"], timeout=10_000)
    context.set_offline(False)
    expect(visitor.answers).to_have_count(2, timeout=20_000)
    assert turns(server) == asked + 1


def write(visitor: Visitor, text: str) -> None:
    visitor.box.fill(text)
    visitor.box.press("Enter")


def turns(server: Server) -> int:
    with sqlite3.connect(server.data / "conoce.sqlite3") as database:
        return int(database.execute("SELECT count(*) FROM turns").fetchone()[0])


# Kept on this phone

SOURCE = (ROOT / "widget" / "src" / "kept.ts").read_text(encoding="utf-8")

#: The name of the cache and the addresses in it, as the page itself has them.
[CACHE] = re.findall(r'CACHE = "(.+)"', SOURCE)
KEPT = sorted(re.findall(r'^  "(/.+)",$', SOURCE, re.MULTILINE))

#: All copies: their addresses and their texts.
COPIES = """async () => {
  const copies = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const {pathname, search} = new URL(request.url);
      copies[pathname + search] = await (await cache.match(request)).text();
    }
  }
  return copies;
}"""


def keep(visitor: Visitor, language: str) -> Locator:
    known = words(language)
    dialog = open_tool(visitor, "keep", language)
    expect(dialog.get_by_role("status")).to_have_text(known["page_keep_off"])
    expect(dialog).to_contain_text(known["page_keep_warning"])
    dialog.get_by_role("button", name=known["page_keep_keep"]).click()
    expect(dialog.get_by_role("status")).to_have_text(known["page_keep_kept"], timeout=20_000)
    return dialog


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_kept_until_a_person_wants_it(visitor: Visitor, language: str) -> None:
    assert visitor.kept() == NOTHING_KEPT
    close(open_tool(visitor, "keep", language))
    assert visitor.kept() == NOTHING_KEPT
    keep(visitor, language)
    assert visitor.kept() == NOTHING_KEPT | {"workers": 1, "caches": [CACHE]}
    assert sorted(visitor.page.evaluate(COPIES)) == KEPT


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_kept_opens_without_a_network(
    visitor: Visitor, context: BrowserContext, network: Network, server: Server, language: str
) -> None:
    close(keep(visitor, language))
    visitor.page.close()
    network.cut()
    # The same address as ever, in a new tab.
    for query, spoken in (("", language), ("?lang=en", "en"), ("?lang=es", "es")):
        again = Visitor(context, f"{server.url}/{query}")
        expect(again.view.locator("html")).to_have_attribute("lang", spoken)
        has_first_steps(again, spoken)
        sheet = open_tool(again, "sheet", spoken)
        sheet.locator("textarea").first.fill(SECRET)
        expect(sheet.locator(".printed").first).to_have_text(SECRET)
        close(sheet)
        expect(open_tool(again, "keep", spoken).get_by_role("status")).to_have_text(
            words(spoken)["page_keep_kept"]
        )
    for sheet_name in ("card", "plan"):
        for spoken in LANGUAGES:
            paper = Visitor(context, f"{server.url}/print/{sheet_name}?lang={spoken}").page
            expect(paper.get_by_role("heading", level=1)).to_have_text(words(spoken)[f"{sheet_name}_title"])
            assert paper.evaluate("document.styleSheets[0].cssRules.length") > 0
    large = Visitor(context, f"{server.url}/print/card?lang=es&size=large").page
    expect(large.locator("article")).to_have_count(1)


def test_a_question_asked_in_a_kept_page_is_answered_when_the_network_is_back(
    visitor: Visitor, context: BrowserContext, network: Network, server: Server
) -> None:
    keep(visitor, "en")
    network.cut()
    again = Visitor(context, f"{server.url}/?lang=en")
    write(again, QUESTION["en"])
    expect(again.status).to_have_text(words("en")["page_lost_connection"])
    network.restore()
    expect(again.answers).to_have_count(1, timeout=20_000)


def test_no_message_is_kept(visitor: Visitor) -> None:
    close(keep(visitor, "en"))
    visitor.ask(f"{QUESTION['en']} {MARK}")
    # A visit brings the copies up to date: nothing but they comes along.
    visitor.page.reload()
    answer = visitor.ask(f"{QUESTION['en']} {MARK}").locator("p").first.inner_text()
    copies = visitor.page.evaluate(COPIES)
    assert sorted(copies) == KEPT
    assert [address for address, text in copies.items() if MARK in text or answer in text] == []
    assert visitor.kept() == NOTHING_KEPT | {"workers": 1, "caches": [CACHE]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_removed_is_gone(
    visitor: Visitor, context: BrowserContext, network: Network, server: Server, language: str
) -> None:
    known = words(language)
    dialog = keep(visitor, language)
    dialog.get_by_role("button", name=known["page_keep_remove"]).click()
    expect(dialog.get_by_role("status")).to_have_text(known["page_keep_removed"])
    assert visitor.kept() == NOTHING_KEPT
    # Neither the next visit brings it back,
    visitor.page.reload()
    visitor.ask(QUESTION[language])
    assert visitor.kept() == NOTHING_KEPT
    # nor does the page open without a network.
    network.cut()
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        Visitor(context, f"{server.url}/?lang={language}")


def test_it_is_not_offered_in_a_frame(context: BrowserContext, server: Server) -> None:
    """The worker would belong to a page that its visitor never opened."""
    framed = Visitor(context, f"{server.url}/frame?lang=en")
    framed.button(words("en")["page_tools"]).click()
    dialog = framed.view.get_by_role("dialog")
    expect(dialog.get_by_role("button", name=words("en")["page_tool_sheet"])).to_be_visible()
    expect(dialog.get_by_role("button", name=words("en")["page_tool_keep"])).to_have_count(0)


# When to renew DACA


def day(days: int) -> str:
    return (date.today() + timedelta(days)).isoformat()


DATES = [
    # The day before the recommended time begins.
    (151, "early"),
    # Its first day.
    (150, "open"),
    # Its last day.
    (120, "open"),
    # The day after it.
    (119, "late"),
    # The last day with a permit.
    (0, "late"),
    # The first day without one.
    (-1, "expired"),
    # Just less than a year after the end, whatever the year: still a renewal.
    (-364, "expired"),
    # At least a year after it: a first request.
    (-366, "long_expired"),
    # Farther away than any permit lasts: a slip of the finger.
    (365 * 6, "bad"),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dates_of_a_renewal(visitor: Visitor, network: Network, language: str) -> None:
    known = words(language)
    dialog = open_tool(visitor, "renewal", language)
    asked = len(visitor.requests)
    for days, phase in DATES:
        dialog.locator("input").fill(day(days))
        expect(dialog).to_contain_text(known[f"page_renewal_{phase}"])
        if phase != "bad":
            left = "page_renewal_left" if days >= 0 else "page_renewal_since"
            count = re.sub(r"\{\w+\}", str(abs(days)), known[left])
            expect(dialog.get_by_text(count, exact=True)).to_be_visible()
        # Nobody is reminded of what is over.
        reminder = dialog.get_by_role("button", name=known["page_renewal_calendar"])
        expect(reminder).to_have_count(1 if phase in ("early", "open") else 0)
        assert day(days) not in " ".join(visitor.requests + network.sent)
    assert visitor.requests[asked:] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_calendar_file_is_valid_and_says_nothing(
    visitor: Visitor, network: Network, language: str
) -> None:
    known = words(language)
    dialog = open_tool(visitor, "renewal", language)
    dialog.locator("input").fill(day(200))
    asked, sent = len(visitor.requests), len(network.sent)
    with visitor.page.expect_download() as saved:
        dialog.get_by_role("button", name=known["page_renewal_calendar"]).click()
    assert saved.value.suggested_filename == f"{known['page_renewal_file']}.ics"
    entry = saved.value.path().read_bytes().decode()
    assert entry.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert entry.endswith("END:VCALENDAR\r\n")
    lines = entry.split("\r\n")
    assert "\n" not in "".join(lines)
    assert {
        f"SUMMARY:{known['page_renewal_event']}",
        f"DTSTART;VALUE=DATE:{day(50).replace('-', '')}",
        # The end of an entry is the day after its last one.
        f"DTEND;VALUE=DATE:{day(81).replace('-', '')}",
    } <= set(lines)
    assert not re.search(r"daca|uscis|renew|renov|immigr|inmigr|conoce", entry, re.IGNORECASE)
    # The file is made on the device.
    assert [url for url in visitor.requests[asked:] if not url.startswith("blob:")] == []
    assert len(network.sent) == sent


# Write down what happened


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_down_stays_in_the_page(
    visitor: Visitor, network: Network, server: Server, language: str
) -> None:
    known = words(language)
    sheet = open_tool(visitor, "sheet", language)
    boxes = sheet.locator("textarea")
    for place, box in enumerate(boxes.all()):
        box.fill(f"{SECRET}{place}\nñandú")
    with visitor.page.expect_download() as saved:
        sheet.get_by_role("button", name=known["page_sheet_save"]).click()
    # Others may look into the downloads.
    assert saved.value.suggested_filename == f"{known['page_sheet_file']}.txt"
    notes = saved.value.path().read_text(encoding="utf-8")
    assert f"{known['page_sheet_when']}\n{SECRET}0\nñandú\n" in notes
    assert notes.count(SECRET) == boxes.count() == 9

    sheet.get_by_role("button", name=known["page_sheet_clear"]).click()
    expect(sheet.get_by_role("status")).to_have_text(known["page_sheet_cleared"])
    assert [box.input_value() for box in boxes.all()] == [""] * 9
    assert SECRET not in visitor.page.content()

    boxes.first.fill(SECRET)
    close(sheet)
    assert SECRET not in visitor.page.content()
    expect(open_tool(visitor, "sheet", language).locator("textarea").first).to_have_value("")
    close(visitor.view.get_by_role("dialog"))
    # Also what is sent afterwards says nothing of it.
    visitor.ask(QUESTION[language])
    assert SECRET not in " ".join(visitor.requests + network.sent)
    assert visitor.kept() == NOTHING_KEPT
    assert [path.name for path in files(server.data) if SECRET.encode() in path.read_bytes()] == []


def test_the_paper_shows_all_that_was_written(visitor: Visitor) -> None:
    sheet = open_tool(visitor, "sheet", "en")
    what = sheet.get_by_label(words("en")["page_sheet_what"])
    what.fill("\n".join(f"line {number}" for number in range(120)))
    visitor.page.emulate_media(media="print")
    # A box on paper shows only the lines that fit it: the text stands there instead.
    expect(what).to_be_hidden()
    expect(sheet.locator(".printed").nth(2)).to_be_visible()
    expect(sheet.locator(".printed").nth(2)).to_contain_text("line 119")
    for left_out in (
        visitor.view.locator("header.top"),
        visitor.view.locator("footer"),
        sheet.locator("button"),
    ):
        expect(left_out.first).to_be_hidden()
    # 120 lines need more than two sheets: none is cut off.
    paper = visitor.page.pdf(format="Letter")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) >= 3


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and "models" not in path.parts)
