"""Which language a message is in."""

from __future__ import annotations

import pytest

from bot.content import read_yaml, without_lines
from bot.language import LanguageIdentifier, learn_vocabulary
from bot.settings import ROOT

IDENTIFIER = LanguageIdentifier(without_lines(read_yaml(ROOT / "data" / "language.yml")))


@pytest.mark.parametrize(
    ("text", "reply", "detected"),
    [
        ("How much does it cost?", "en", "en"),
        ("¿Cuánto cuesta?", "es", "es"),
        # Without accents, as people text.
        ("cuando debo renovar", "es", "es"),
        ("se llevaron a mi papa", "es", "es"),
        ("q hago si viene la migra", "es", "es"),
        # langdetect alone calls this Dutch.
        ("help ice here", "en", "en"),
        ("wat do i do they r outside", "en", "en"),
        # ñ and inverted marks speak for Spanish even in a word that no list has.
        ("¿Ñañaras?", "es", "es"),
        # Two languages in one text.
        ("can they deport mi esposo si tiene papers", "es", "mixed"),
        # Languages without answers.
        ("Preciso de ajuda com o advogado", "en", "pt"),
        ("J'ai besoin d'aide avec mes papiers", "en", "fr"),
        ("Mwen bezwen èd ak papye mwen", "en", "ht"),
        ("我需要帮助", "en", "zh"),
        ("أحتاج إلى محام", "en", "ar"),
        ("Tôi cần giúp đỡ về luật", "en", "vi"),
        ("Kailangan ko ng tulong", "en", "tl"),
        ("도와주세요 변호사가 필요해요", "en", "ko"),
        # Nothing to go by.
        ("", "en", "und"),
        ("12345", "en", "und"),
        ("DACA?", "en", "und"),
    ],
)
def test_language_of_a_text(text: str, reply: str, detected: str) -> None:
    found = IDENTIFIER.detect(text)
    assert (found.reply, found.detected) == (reply, detected)


@pytest.mark.parametrize("text", ["ok", "DACA?", "Texas", "no", "👍", "NEA", "I-765"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_text_that_says_nothing_keeps_the_language(text: str, language: str) -> None:
    assert IDENTIFIER.detect(text, previous=language).reply == language
    assert IDENTIFIER.detect(text, chosen=language).reply == language


def test_the_conversation_counts_more_than_the_page() -> None:
    assert IDENTIFIER.detect("DACA", previous="es", chosen="en").reply == "es"


def test_a_clear_text_overrides_the_conversation() -> None:
    assert IDENTIFIER.detect("what do I do if they come", previous="es").reply == "en"
    assert IDENTIFIER.detect("qué hago si vienen", previous="en").reply == "es"


def test_words_of_the_examples_are_evidence() -> None:
    words = learn_vocabulary([("warrant warrant", "en"), ("fianza", "es"), ("daca", "en"), ("daca", "es")])
    assert words["warrant"] < 0 < words["fianza"]
    assert "daca" not in words


@pytest.mark.parametrize("text", ["\ud800", "a" * 20_000, "\x00\x01", "¿" * 500])
def test_any_text_has_a_language(text: str) -> None:
    assert IDENTIFIER.detect(text).reply in ("en", "es")
