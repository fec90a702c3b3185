"""How text messages are counted and spelled."""

from __future__ import annotations

import gsm0338
import pytest

from bot.content import LANGUAGES, SMS, load_catalogue
from bot.segments import for_phones, is_gsm, segments_of
from bot.settings import ROOT

#: text, segments that a carrier counts.
SEGMENTS = [
    ("", 0),
    ("a" * 160, 1),  # one whole GSM message
    ("a" * 161, 2),
    ("a" * 306, 2),  # two parts of 153
    ("a" * 307, 3),
    ("[" * 80, 1),  # the extension table takes two places
    ("[" * 81, 2),
    ("€" * 80, 1),
    ("a" * 152 + "[" + "a" * 151, 2),
    ("a" * 152 + "[" + "a" * 152, 3),  # 306 places, but the escape is not torn from its character
    ("ñ¿¡éüÑ" * 20, 1),  # of the alphabet
    ("á" * 70, 1),  # outside of it: UCS-2
    ("á" * 71, 2),
    ("a" * 133 + "á", 2),
    ("a" * 134 + "á", 3),
    ("😀" * 35, 1),  # two UTF-16 units each
    ("😀" * 36, 2),
]


@pytest.mark.parametrize(("text", "count"), SEGMENTS)
def test_segments_are_counted_as_carriers_do(text: str, count: int) -> None:
    assert segments_of(text) == count


#: text, what a phone gets.
SPELLINGS = [
    ("No abra la puerta. ¿La firmó un juez?", "No abra la puerta. ¿La firmo un juez?"),  # ó goes
    ("año, señal, también", "año, señal, también"),  # ñ and é stay
    ("“Quiero un abogado” – siempre…", '"Quiero un abogado" - siempre...'),  # plain twins
    ("Pregunte a un abogado 😀 aquí", "Pregunte a un abogado 😀 aquí"),  # UCS-2 anyway: nothing is lost
    ("1 000", "1 000"),  # a no-break space
]


@pytest.mark.parametrize(("text", "expected"), SPELLINGS)
def test_the_spelling_of_phones_loses_only_accents(text: str, expected: str) -> None:
    assert for_phones(text) == expected


def test_the_alphabet_is_the_published_one() -> None:
    # 3GPP TS 23.038 has 128 positions, one of them the escape; line feed and return count.
    from bot.segments import GSM_BASIC, GSM_EXTENSION

    assert len(GSM_BASIC) == 127
    assert len(GSM_EXTENSION) == 10
    assert is_gsm("".join(GSM_BASIC | GSM_EXTENSION))


def independent_count(text: str) -> int:
    """Count segments over another implementation of the alphabet and Python's own UTF-16."""
    try:
        units = len(text.encode("gsm03.38"))
        single, part = 160, 153
    except UnicodeEncodeError:
        units, single, part = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= single else -(-units // part)


def test_every_answer_by_sms_is_short_and_counted_right() -> None:
    assert gsm0338.Codec
    catalogue = load_catalogue(ROOT / "data")
    wrong = []
    for entry in catalogue.entries.values():
        for language in LANGUAGES:
            note = catalogue.phrase("draft_note", language, SMS)
            text = for_phones(f"{entry.text(language, SMS)}\n{note}")
            count = segments_of(text)
            if count > 3 or count != independent_count(text) or "\ufffd" in text:
                wrong.append((entry.id, language, count, independent_count(text)))
    assert wrong == []
