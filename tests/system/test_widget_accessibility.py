"""WCAG 2.2, levels A and AA: every state of the page, by keyboard alone, zoomed in, in any colours."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.system.browser import PHONE, Visitor, chromium, needs_chromium, words
from tests.system.conftest import Server
from tests.system.test_widget_offline import Network

pytestmark = needs_chromium

LANGUAGES = ["en", "es"]
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]

PORTUGUESE = "Minha família precisa de ajuda com a imigração, o que devo fazer agora?"

#: What brings about each kind of answer (the class of its article).
SAID = {
    # Several entries fit: people choose. Asked first, for what was said before settles doubts.
    "choices": {"en": "travel", "es": "viajar"},
    # A plain answer, with sources, ratings and related questions.
    "answer": {"en": "can ice come in my house", "es": "¿Cuándo debo renovar mi DACA?"},
    # Nothing fits.
    "unknown": {"en": "purple elephants dancing", "es": "elefantes morados bailando"},
    # First steps in a red frame.
    "urgent": {"en": "ICE is at my door right now", "es": "la migra está en mi puerta ahora"},
    # A language that is not spoken here.
    "dialogue": {"en": PORTUGUESE, "es": PORTUGUESE},
}

DIALOGS = ["first-steps", "rights", "tools", "sheet", "renewal", "keep"]

#: Days from today to the end of a DACA, one for each thing that the renewal dialog says.
ENDS = {"early": 300, "open": 130, "late": 60, "expired": -60, "long_expired": -500, "bad": 5_000}

#: So tall that nothing lies under the bars: half of a button there is no small button.
WHOLE = ViewportSize(width=360, height=9_000)

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """Opens the page in a context of its own; the options are those of the context."""
    contexts: list[BrowserContext] = []

    def begin(language: str = "en", path: str = "/", cut: bool = False, **options: Any) -> Visitor:
        context = browser.new_context(**({"viewport": PHONE, "locale": language} | options))
        contexts.append(context)
        network = Network(context)
        visitor = Visitor(context, f"{server.url}{path}?lang={language}")
        if cut:
            network.wait_for(visitor, "session_confirm")
            network.cut()
            expect(visitor.status).to_have_text(words(language)["page_lost_connection"])
        return visitor

    yield begin
    for context in contexts:
        context.close()


def open_dialog(visitor: Visitor, name: str, language: str) -> Locator:
    known = words(language)
    if name == "first-steps":
        visitor.view.locator("footer .emergency").click()
    else:
        visitor.button(known["page_tools"]).click()
    dialog = visitor.view.get_by_role("dialog")
    if name not in ("first-steps", "tools"):
        dialog.get_by_role("button", name=known[f"page_tool_{name}"], exact=True).click()
    expect(dialog).to_have_class(name)
    expect(dialog).to_be_visible()
    return dialog


def close_dialog(visitor: Visitor) -> None:
    dialog = visitor.view.get_by_role("dialog")
    dialog.locator(".close").click()
    expect(dialog).to_have_count(0)


def every_state(visitor: Visitor, language: str) -> Iterator[str]:
    """Bring about one state of the page after the other and name it."""
    yield "start"
    for decision, question in SAID.items():
        answer = visitor.ask(question[language])
        expect(answer).to_have_class(re.compile(rf"\b{decision}\b"))
        yield decision
    for name in DIALOGS:
        dialog = open_dialog(visitor, name, language)
        yield name
        if name == "renewal":
            for phase, days in ENDS.items():
                dialog.locator("input").fill((date.today() + timedelta(days)).isoformat())
                expect(dialog).to_contain_text(words(language)[f"page_renewal_{phase}"])
                yield f"renewal_{phase}"
        close_dialog(visitor)
    for sheet in ("card", "plan"):
        visitor.page.goto(urljoin(visitor.page.url, f"/print/{sheet}?lang={language}"))
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text(words(language)[f"{sheet}_title"])
        yield sheet


def faults(visitor: Visitor) -> list[dict[str, Any]]:
    """Return what axe finds with all of the page in sight."""
    visitor.page.set_viewport_size(WHOLE)
    found = visitor.violations()
    visitor.page.set_viewport_size(PHONE)
    return found


# Every state

SIZES = [
    # The narrowest phone.
    (320, 740),
    # A screen of 1280 x 960 at 200 %.
    (640, 480),
    # A screen of 1280 x 1024 at 400 %.
    (320, 256),
]

#: What is wider than its place, the page or a dialog.
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("dialog")]
  .filter((place) => place.scrollWidth > place.clientWidth).map((place) => place.tagName)"""

#: What is smaller than so many pixels, but for links within a text.
TOO_SMALL = """(least) => [...document.querySelectorAll("button, a, summary, input, textarea")]
  .filter((target) => target.checkVisibility())
  .filter((target) => !(getComputedStyle(target).display === "inline" && target.closest("p, li")))
  .map((target) => [target.outerHTML.slice(0, 90), target.getBoundingClientRect()])
  .filter(([, {width, height}]) => Math.min(width, height) < least)
  .map(([html, {width, height}]) => `${html} ${width} x ${height}`)"""

#: What people need first, and what they need in a hurry.
MAIN = ".top button, footer button, .choices button, .list .button, .list button, .bar button, .emergency"

LOW = f"""() => [...document.querySelectorAll("{MAIN}")]
  .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 44)
  .map((target) => target.outerHTML.slice(0, 90))"""

Found = dict[str, list[Any]]


@pytest.fixture(scope="module", params=LANGUAGES)
def found(browser: Browser, server: Server, request: pytest.FixtureRequest) -> dict[str, Found]:
    """Go once through all states and return what is wrong: by rule, then by state."""
    context = browser.new_context(viewport=PHONE, locale=request.param, reduced_motion="reduce")
    visitor, page = Visitor(context, f"{server.url}/?lang={request.param}"), context.pages[0]
    wrong: dict[str, Found] = defaultdict(dict)
    for state in every_state(visitor, request.param):
        # Before another size scrolls the page.
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            visitor.shot(f"a11y_{state}_{request.param}_{scheme}")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            wrong[f"wide at {width} x {height}"][state] = page.evaluate(TOO_WIDE)
        page.set_viewport_size(PHONE)
        wrong["small"][state] = page.evaluate(TOO_SMALL, 24)
        wrong["low"][state] = page.evaluate(LOW)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            wrong[f"axe in {scheme}"][state] = faults(visitor)
    context.close()
    return {rule: {state: all_ for state, all_ in states.items() if all_} for rule, states in wrong.items()}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_state_breaks_a_rule(found: dict[str, Found], scheme: str) -> None:
    assert found[f"axe in {scheme}"] == {}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_has_to_be_scrolled_sideways(found: dict[str, Found], width: int, height: int) -> None:
    assert found[f"wide at {width} x {height}"] == {}


def test_all_that_is_pressed_is_large_enough(found: dict[str, Found]) -> None:
    assert found["small"] == {}


def test_what_is_needed_in_a_hurry_is_larger(found: dict[str, Found]) -> None:
    assert found["low"] == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nor_does_the_page_without_a_network_break_a_rule(visit: Visit, language: str) -> None:
    visitor = visit(language, cut=True)
    for scheme in SCHEMES:
        visitor.page.emulate_media(color_scheme=scheme)
        visitor.shot(f"a11y_offline_{language}_{scheme}")
        assert faults(visitor) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nor_does_the_frame_break_a_rule(visit: Visit, language: str) -> None:
    visitor = visit(language, path="/frame")
    visitor.ask(SAID["answer"][language])
    assert faults(visitor) == []


# By keyboard alone

#: Where the Tab key has led, whether that can be seen, and that no bar lies over it.
STOP = """() => {
  const stop = document.activeElement;
  if (stop === document.body) return null;
  const {x, y, width, height} = stop.getClientRects()[0];
  const {outlineStyle, outlineWidth} = getComputedStyle(stop);
  return {
    name: stop.getAttribute("aria-label") ?? stop.innerText,
    outlined: stop.matches(":focus-visible") && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    uncovered: stop.contains(document.elementFromPoint(x + width / 2, y + height / 2)),
  };
}"""


def step(page: Page, key: str = "Tab") -> str | None:
    """Go to the next control and return its name; None outside of the page."""
    page.keyboard.press(key)
    stop = page.evaluate(STOP)
    if stop is None:
        return None
    assert stop["outlined"], stop
    assert stop["uncovered"], stop
    return str(stop["name"])


def go_to(page: Page, name: str) -> None:
    assert any(step(page) == name for _ in range(80)), name


def focused(page: Page) -> str:
    return str(page.evaluate(STOP)["name"])


def test_all_can_be_done_with_the_keyboard_alone(visit: Visit) -> None:
    visitor = visit(reduced_motion="reduce")
    page, en, es = visitor.page, words("en"), words("es")
    dialog = visitor.view.get_by_role("dialog")

    emergency = f"{en['page_emergency']} / {es['page_emergency']}"
    go_to(page, emergency)
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    go_to(page, en["page_tool_rights"])
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert focused(page) == emergency

    go_to(page, en["page_placeholder"])
    page.keyboard.type(SAID["answer"]["en"])
    page.keyboard.press("Enter")
    related = visitor.answers.first.locator(".choices button").first
    expect(related).to_be_visible(timeout=20_000)
    assert focused(page) == en["page_placeholder"]

    go_to(page, related.inner_text())
    page.keyboard.press("Space")
    # Who pressed a button stands at the answer.
    expect(visitor.answers.nth(1)).to_be_focused(timeout=20_000)

    go_to(page, en["page_switch_language"])
    page.keyboard.press("Enter")
    expect(visitor.view.locator("html")).to_have_attribute("lang", "es")
    assert focused(page) == es["page_switch_language"]

    go_to(page, es["page_tools"])
    page.keyboard.press("Space")
    expect(dialog).to_be_visible()
    go_to(page, es["page_delete"])
    page.keyboard.press("Enter")
    expect(visitor.status).to_have_text(es["page_deleted"], timeout=20_000)
    expect(visitor.answers).to_have_count(0)
    assert focused(page) == es["page_placeholder"]


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
@pytest.mark.parametrize(
    ("size", "cut"),
    [
        (PHONE, False),
        # The smallest phone on which the bars stick: they are the highest there.
        ({"width": 320, "height": 568}, False),
        # The words on the lost connection make the lower bar higher still.
        ({"width": 320, "height": 568}, True),
    ],
)
def test_no_bar_covers_what_has_the_focus(visit: Visit, size: ViewportSize, cut: bool, key: str) -> None:
    visitor = visit("es", cut=cut, viewport=size, reduced_motion="reduce")
    if not cut:
        visitor.ask(SAID["answer"]["es"])
    stops = [step(visitor.page, key) for _ in range(40)]
    assert {words("es")["page_exit"], words("es")["page_send"]} <= set(stops)


@pytest.mark.parametrize("name", DIALOGS)
def test_the_focus_comes_back_from_a_dialog(visit: Visit, name: str) -> None:
    """Also from one that another one led to: what opened that is still there."""
    visitor = visit()
    open_dialog(visitor, name, "en")
    close_dialog(visitor)
    opener = ".emergency" if name == "first-steps" else "nav button:last-child"
    expect(visitor.view.locator(f"footer {opener}")).to_be_focused()


def test_the_focus_comes_back_from_the_card_that_the_first_steps_led_to(visit: Visit) -> None:
    visitor = visit()
    open_dialog(visitor, "first-steps", "en").locator(".emergency").click()
    expect(visitor.view.get_by_role("dialog")).to_have_class("rights")
    close_dialog(visitor)
    expect(visitor.view.locator("footer .emergency")).to_be_focused()


def test_the_focus_stays_at_an_answer_that_was_rated(visit: Visit) -> None:
    """The buttons go away, with the focus on one of them."""
    visitor = visit()
    answer = visitor.ask(SAID["answer"]["en"])
    answer.get_by_role("button", name=words("en")["page_rate_helped"], exact=True).press("Enter")
    expect(answer).to_contain_text(words("en")["page_rated"])
    assert answer.evaluate("answer => answer.contains(document.activeElement)")


def test_the_focus_stays_at_an_answer_that_was_unfolded(visit: Visit) -> None:
    """The button goes away, with the focus on it."""
    visitor = visit("es")
    answer = visitor.ask(SAID["unknown"]["es"])
    unfold = answer.get_by_role("button", name=words("es")["page_read_all"], exact=True)
    unfold.press("Enter")
    expect(unfold).to_have_count(0)
    assert answer.evaluate("answer => answer.contains(document.activeElement)")


# Small screens and large type


@pytest.mark.parametrize(
    ("width", "height", "position"),
    [
        # On a phone the red button and the box are always at hand.
        (360, 740, "sticky"),
        # Zoomed in they would leave no room to read.
        (320, 256, "static"),
        (640, 480, "static"),
    ],
)
def test_the_bars_leave_room_to_read(visit: Visit, width: int, height: int, position: str) -> None:
    visitor = visit(viewport={"width": width, "height": height})
    for bar in ("header.top", "footer"):
        expect(visitor.view.locator(bar)).to_have_css("position", position)


# Languages

#: The language in which a voice reads an element.
SPOKEN = "(element) => element.closest('[lang]').lang"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_says_its_language(visit: Visit, language: str) -> None:
    visitor = visit(language)
    for said in ("en", "es"):
        answer = visitor.ask(SAID["answer"][said])
        expect(answer.locator(".said")).to_have_attribute("lang", said)
        expect(visitor.view.locator("html")).to_have_attribute("lang", said)
    expect(visitor.log.get_by_role("article")).to_have_count(4)
    expect(visitor.log).to_have_attribute("aria-label", words("es")["page_log"])
    assert visitor.page.title() == words("es")["page_tab"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_portuguese_is_read_as_portuguese(visit: Visit, language: str) -> None:
    visitor = visit(language)
    answer = visitor.ask(PORTUGUESE)
    expect(answer.locator(".said")).to_have_attribute("lang", "pt")
    # The page speaks no Portuguese: around the answer it stays as it was.
    expect(visitor.view.locator("html")).to_have_attribute("lang", language)
    # The question is no less Portuguese than its answer.
    expect(visitor.log.locator(".you .said")).to_have_attribute("lang", "pt")


def test_an_answer_in_the_other_language_is_all_in_it(visit: Visit) -> None:
    """People may keep the page in their language and ask in the other one."""
    visitor = visit()
    visitor.button(words("en")["page_switch_language"]).click()
    visitor.button(words("es")["page_switch_language"]).click()
    answer = visitor.ask(SAID["answer"]["es"])
    expect(visitor.view.locator("html")).to_have_attribute("lang", "en")
    for part in answer.locator("p, li, button").all():
        assert part.evaluate(SPOKEN) == "es", part.inner_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_dialog_says_its_language_and_its_name(visit: Visit, language: str) -> None:
    visitor = visit(language)
    for name in DIALOGS:
        dialog = open_dialog(visitor, name, language)
        expect(dialog).to_have_attribute("lang", language)
        expect(dialog).to_have_accessible_name(dialog.get_by_role("heading").first.inner_text())
        close_dialog(visitor)


def test_the_page_s_language_can_be_read_off_the_buttons_that_change_it(visit: Visit) -> None:
    visitor = visit()
    expect(visitor.button(words("en")["page_switch_language"])).to_have_attribute("lang", "es")
    both = visitor.view.locator("footer .emergency span")
    assert [part.get_attribute("lang") for part in both.all()] == ["en", "es"]


# Motion and colours


@pytest.mark.parametrize(
    ("motion", "animations", "scrolling"),
    [
        # Nothing moves for those who asked for that.
        ("reduce", 0, "auto"),
        # For all others a dot pulses while they wait.
        ("no-preference", 1, "smooth"),
    ],
)
def test_nothing_moves_for_those_who_asked_for_that(
    visit: Visit, motion: str, animations: int, scrolling: str
) -> None:
    visitor = visit(cut=True, reduced_motion=motion)
    visitor.box.fill(SAID["answer"]["en"])
    visitor.box.press("Enter")
    expect(visitor.view.locator(".waiting")).to_be_visible()
    assert visitor.page.evaluate("document.getAnimations().length") == animations
    expect(visitor.view.locator("html")).to_have_css("scroll-behavior", scrolling)


#: Buttons without a border: in forced colours it is all that makes them buttons.
BARE = """() => [...document.querySelectorAll("button, .button, summary")]
  .filter((button) => button.checkVisibility())
  .filter((button) => {
    const {borderTopStyle, borderTopWidth, borderTopColor, backgroundColor} = getComputedStyle(button);
    return borderTopStyle === "none" || parseFloat(borderTopWidth) < 1 || borderTopColor === backgroundColor;
  })
  .map((button) => button.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_buttons_stay_buttons_in_forced_colours(visit: Visit, scheme: str) -> None:
    visitor = visit(forced_colors="active", color_scheme=scheme)
    visitor.ask(SAID["urgent"]["en"])
    visitor.ask(SAID["answer"]["en"])
    visitor.shot(f"a11y_forced_colours_en_{scheme}")
    assert visitor.page.evaluate(BARE) == []
    open_dialog(visitor, "first-steps", "en")
    visitor.shot(f"a11y_forced_colours_first-steps_en_{scheme}")
    assert visitor.page.evaluate(BARE) == []
