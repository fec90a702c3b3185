"""Reading level and terms: what `conoce check` holds the answers to."""

from __future__ import annotations

import pytest

from bot.reading import difficulty, reaches_aim, too_hard
from bot.settings import ROOT
from bot.terms import Termbase

TERMS = Termbase.read(ROOT / "data" / "termbase.yml")

#: language, text, whether it reaches the aim, whether it is too hard for any answer.
LEVELS = [
    ("en", "Do not open the door. Ask to see the paper.", True, False),
    ("es", "No abra la puerta. Pida ver el papel.", True, False),
    # An address and a phone are not read as words.
    ("en", "Look at immigrationlawhelp.org/search?state. Call 1-844-363-1423.", True, False),
    (
        "en",
        "Notwithstanding the aforementioned administrative determinations, individuals possessing "
        "documentation of continuous residency may nonetheless encounter evidentiary requirements.",
        False,
        True,
    ),
    (
        "es",
        "No obstante las determinaciones administrativas anteriormente mencionadas, los individuos con "
        "documentación acreditativa de residencia ininterrumpida encontrarán exigencias probatorias "
        "adicionales correspondientes a su jurisdicción.",
        False,
        True,
    ),
]


@pytest.mark.parametrize(("language", "text", "aim", "hard"), LEVELS)
def test_reading_level(language: str, text: str, aim: bool, hard: bool) -> None:
    assert (reaches_aim(text, language), too_hard(text, language)) == (aim, hard)


def test_a_list_is_read_line_by_line() -> None:
    listed = "Bring these papers:\n- your old work card\n- two new photos of you\n- the form with your name"
    assert difficulty(listed, "en") < difficulty(listed.replace("\n- ", " "), "en")


#: texts by language, part of the problem or "" for none.
TERM_ROWS = [
    ({"en": "Renew your work permit.", "es": "Renueve su permiso de trabajo."}, ""),
    # The Spanish says something else.
    ({"en": "Renew your work permit.", "es": "Renueve su documento."}, "work permit"),
    ({"en": "He is an illegal alien.", "es": "No tiene estatus."}, "person without status"),
    ({"en": "Ask a lawyer.", "es": "Usted califica."}, "abogado"),
    ({"en": "Send the form.", "es": "Mande la aplicación."}, "solicitud"),
    # A curly apostrophe is the same word.
    ({"en": "Ask for a judge’s warrant.", "es": "Pida un papel."}, "judicial warrant"),
]


@pytest.mark.parametrize(("texts", "problem"), TERM_ROWS)
def test_terms(texts: dict[str, str], problem: str) -> None:
    found = list(TERMS.problems(texts))
    assert (found == []) if not problem else any(problem in line for line in found)
