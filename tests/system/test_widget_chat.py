"""The page in a real Chromium, against the running assistant: asking, choosing, switching, rating."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.system.browser import NOTHING_KEPT, PHONE, Visitor, chromium, needs_chromium, words
from tests.system.conftest import Server

pytestmark = needs_chromium

QUESTIONS = {
    "en": ("can ice come in my house", "judge"),
    "es": ("¿Cuándo debo renovar mi DACA?", "150"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    language = getattr(request, "param", "en")
    context = browser.new_context(viewport=PHONE, locale=language)
    someone = Visitor(context, f"{server.url}/?lang={language}")
    yield someone
    assert someone.errors == []
    assert [url for url in someone.requests if not url.startswith((server.url, "blob:"))] == []
    context.close()


@pytest.mark.parametrize("visitor", ["en", "es"], indirect=True)
@pytest.mark.parametrize("asked", ["en", "es"])
def test_a_question_is_answered_in_its_language(visitor: Visitor, asked: str) -> None:
    question, expected = QUESTIONS[asked]
    answer = visitor.ask(question)
    expect(answer).to_contain_text(expected)
    expect(answer.locator(".said")).to_have_attribute("lang", asked)
    expect(visitor.log.locator(".you .said")).to_have_attribute("lang", asked)
    # The page follows the person, as long as they chose no language themselves.
    expect(visitor.view.locator("html")).to_have_attribute("lang", asked)
    expect(visitor.box).to_be_focused()
    expect(answer).to_contain_text(words(asked)["sources_label"])
    assert visitor.kept() == NOTHING_KEPT


def test_a_switch_of_language_redraws_what_was_said(visitor: Visitor) -> None:
    answer = visitor.ask(QUESTIONS["en"][0])
    visitor.button(words("en")["page_switch_language"]).click()
    expect(answer.locator(".said")).to_have_attribute("lang", "es")
    expect(answer).to_contain_text("juez")
    expect(visitor.view.locator("html")).to_have_attribute("lang", "es")
    visitor.button(words("es")["page_switch_language"]).click()
    expect(answer).to_contain_text("judge")
    # What the person wrote stays as they wrote it.
    expect(visitor.log.locator(".you .said")).to_have_text(QUESTIONS["en"][0])


@pytest.mark.parametrize("visitor", ["en", "es"], indirect=True)
def test_topics_questions_and_choices_are_buttons(visitor: Visitor) -> None:
    language = visitor.view.locator("html").get_attribute("lang") or ""
    visitor.button(words(language)["topic_daca"]).click()
    questions = visitor.answers.first.locator(".choices button")
    questions.first.wait_for(timeout=20_000)
    visitor.shot(f"topic_{language}")
    question = questions.first.inner_text()
    questions.first.click()
    answer = visitor.answers.nth(1)
    answer.wait_for(timeout=20_000)
    expect(visitor.log.locator(".you .said").nth(1)).to_have_text(question)
    # Who pressed a button stands at the answer.
    expect(answer).to_be_focused()
    expect(answer).to_contain_text(words(language)["page_rate"])


def test_in_doubt_people_choose(visitor: Visitor) -> None:
    answer = visitor.ask("travel")
    buttons = answer.locator(".choices button")
    expect(buttons.last).to_have_text(words("en")["choices_none"])
    buttons.first.click()
    expect(visitor.answers.nth(1)).to_contain_text(words("en")["sources_label"], timeout=20_000)


@pytest.mark.parametrize("rating", ["helped", "not_helped", "outdated", "wrong"])
def test_what_people_say_of_an_answer_is_noted(visitor: Visitor, server: Server, rating: str) -> None:
    first, second = visitor.ask(QUESTIONS["en"][0]), visitor.ask("when do i renew my daca")
    first.get_by_role("button", name=words("en")[f"page_rate_{rating}"], exact=True).click()
    expect(first).to_contain_text(words("en")["page_rated"])
    # One word for one answer.
    expect(first.get_by_role("group")).to_have_count(0)
    expect(second.get_by_role("group")).to_have_count(1)
    with sqlite3.connect(server.data / "conoce.sqlite3") as database:
        [conversation] = database.execute(
            "SELECT conversation FROM turns ORDER BY id DESC LIMIT 1"
        ).fetchone()
        noted = database.execute(
            "SELECT feedback FROM turns WHERE conversation = ? ORDER BY id", [conversation]
        ).fetchall()
    assert noted == [(rating,), (None,)]


@pytest.mark.parametrize("visitor", ["en", "es"], indirect=True)
def test_a_conversation_is_deleted_here_and_on_the_server(visitor: Visitor, server: Server) -> None:
    language = visitor.view.locator("html").get_attribute("lang") or ""
    known = words(language)
    visitor.ask(f"{QUESTIONS[language][0]} zanahoriamorada")
    visitor.button(known["page_tools"]).click()
    visitor.shot(f"tools_{language}")
    visitor.button(known["page_delete"]).click()
    expect(visitor.status).to_have_text(known["page_deleted"], timeout=20_000)
    expect(visitor.answers).to_have_count(0)
    expect(visitor.box).to_be_focused()
    kept = [p.name for p in server.data.rglob("*") if p.is_file() and b"zanahoriamorada" in p.read_bytes()]
    assert kept == []
    # A new conversation begins.
    visitor.ask(QUESTIONS[language][0])


def test_two_tabs_are_two_conversations(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport=PHONE)
    one, two = Visitor(context, server.url), Visitor(context, server.url)
    one.ask("when do i renew my daca")
    expect(two.answers).to_have_count(0)
    # "And how much" leans on what this tab was told.
    expect(two.ask("can ice come in my house")).to_contain_text("judge")
    expect(one.ask("and how much does it cost")).to_contain_text("$")
    context.close()


def test_a_long_answer_is_folded_and_first_steps_never(visitor: Visitor) -> None:
    long = visitor.ask("What does the Deportation Defense Card do?")
    unfold = long.get_by_role("button", name=words("en")["page_read_all"])
    if unfold.count():
        before = len(long.inner_text())
        unfold.click()
        assert len(long.inner_text()) > before
    urgent = visitor.ask("ICE is at my door right now")
    expect(urgent.locator(".said ol li")).to_have_count(5)
    expect(urgent.get_by_role("button", name=words("en")["page_read_all"])).to_have_count(0)
    expect(urgent.locator("a[href^='tel:']").first).to_be_visible()
    visitor.shot("urgent_en")


def test_an_answer_can_be_copied_and_read_by_voices_of_the_device_only(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(viewport=PHONE, permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script(
        """
        const voices = [{name: "cloud", lang: "en-US", localService: false}];
        speechSynthesis.getVoices = () => voices;
        window.addVoice = () => {
          voices.push({name: "here", lang: "en-US", localService: true});
          speechSynthesis.dispatchEvent(new Event("voiceschanged"));
        };
        """
    )
    visitor = Visitor(context, server.url)
    answer = visitor.ask(QUESTIONS["en"][0])
    answer.get_by_role("button", name=words("en")["page_copy"], exact=True).click()
    expect(answer).to_contain_text(words("en")["page_copied"])
    assert "judge" in visitor.page.evaluate("navigator.clipboard.readText()")
    read = answer.get_by_role("button", name=words("en")["page_read"])
    expect(read).to_have_count(0)  # the only voice is somewhere else
    visitor.page.evaluate("addVoice()")
    expect(read).to_be_visible()
    context.close()


def test_a_guided_report_ends_in_a_sheet_that_stays_in_the_page(visitor: Visitor) -> None:
    said = ["i want to report something", "my boss did not pay me", "in Texas", "a month ago"]
    said += ["my boss", "i have texts", "no"]
    for text in said:
        answer = visitor.ask(text)
    sheet = answer.locator(".sheet")
    expect(sheet.locator("dd").nth(1)).to_have_text("in Texas")
    expect(sheet.locator("dd")).to_have_count(6)
    visitor.shot("report_en")
