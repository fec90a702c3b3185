"""Phones: commands, habits, pages. Each row says why it is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phones import pages
from bot.phones.habits import EMERGENCY, ERASE, HELP, START, STOP, load_habits
from bot.segments import segments_of

HABITS = load_habits()


@pytest.mark.parametrize(
    ("text", "command", "language"),
    [
        ("STOP", STOP, ""),  # the word of the trade, in both languages
        ("stop.", STOP, ""),  # a phone ends a sentence by itself
        ("¡Alto!", STOP, "es"),  # with the marks that Spanish asks for
        ("parar", STOP, "es"),
        ("Cancelar", STOP, "es"),
        ("STOP ALL", STOP, ""),  # with a space
        ("unsubscribe", STOP, "en"),
        ("COMENZAR", START, "es"),
        ("Unstop", START, ""),
        ("ayuda", HELP, "es"),
        ("INFO", HELP, ""),
        ("Borrar", ERASE, "es"),
        ("delete", ERASE, "en"),
        ("EMERGENCIA!!!", EMERGENCY, "es"),
        ("sos", EMERGENCY, ""),
        ("911", EMERGENCY, ""),
        ("  911  ", EMERGENCY, ""),
    ],
)
def test_a_whole_message_is_a_command(text: str, command: str, language: str) -> None:
    keyword = HABITS.keyword(text)
    assert keyword is not None
    assert (keyword.command, keyword.language) == (command, language)


@pytest.mark.parametrize(
    "text",
    [
        "can ice stop me",  # a question with the word in it
        "alto en la calle me pararon",
        "ayuda a mi hermano lo agarraron",  # a cry for help is for the model
        "call 911?",
        "info sobre daca",
        "how do i cancel my appointment",
        "",
    ],
)
def test_a_question_with_such_a_word_is_none(text: str) -> None:
    assert HABITS.keyword(text) is None


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("La MIGRA esta afuera", True),  # capitals, no accents
        ("ice is at my door", True),  # the word stands alone
        ("están tocando la puerta", True),
        ("they took my husband", True),
        ("no quiero vivir, me quiero morir", True),
        ("what is the price of the form", False),  # "price" is not "ice"
        ("cuándo renuevo mi daca", False),
        ("thanks for your service", False),
    ],
)
def test_over_a_limit_urgent_words_are_heard(text: str, urgent: bool) -> None:
    assert HABITS.looks_urgent(text) is urgent


@pytest.mark.parametrize(
    ("text", "reaction"),
    [
        ("Liked “Do not open the door”", True),  # iPhone to a phone with plain SMS, English
        ("Le gustó “No abra la puerta”", True),  # the same in Spanish
        ("Reacted 👍 to “Do not open”", True),  # Android
        ('Laughed at "ok"', True),  # straight marks
        ("I liked your answer", False),
        ("me gustó “mucho” su respuesta, ¿y el costo?", False),  # a quotation within a sentence
    ],
)
def test_reactions_are_no_messages(text: str, reaction: bool) -> None:
    assert HABITS.is_reaction(text) is reaction


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Edited to “when do i renew”", "when do i renew"),  # iPhone, English
        ("Editado a «cuándo renuevo»", "cuándo renuevo"),  # Spanish marks
        ("when do i renew", "when do i renew"),
    ],
)
def test_of_an_edited_message_the_new_text_counts(text: str, meant: str) -> None:
    assert HABITS.meant(text) == meant


@pytest.mark.parametrize("text", ["ok", "OK!", "sí", "?", "🙏", "hola"])
def test_nudges_ask_for_what_is_still_to_come(text: str) -> None:
    assert HABITS.is_nudge(text)


def test_pages_are_torn_between_sentences() -> None:
    text = "One sentence that says something. " * 20
    parts = pages.split(text, pages.fits_sms)
    assert len(parts) > 1
    assert all(part.endswith(".") for part in parts)
    assert all(
        segments_of(f"{part} ({n}/{len(parts)})") <= pages.PAGE_SEGMENTS for n, part in enumerate(parts, 1)
    )


@given(st.text(alphabet="ab. \n¿é🙂{}", max_size=900))
def test_pages_lose_nothing_and_fit(text: str) -> None:
    parts = pages.split(text, pages.fits_sms)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(pages.fits_sms(part) for part in parts)


def test_an_endless_word_is_cut() -> None:
    assert [len(p) for p in pages.split("x" * 3100, pages.fits_whatsapp)] == [1500, 1500, 100]
