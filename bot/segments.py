"""How a carrier counts a text message, and the spelling that keeps it short.

A message of the GSM 7-bit alphabet (3GPP TS 23.038, section 6.2.1) holds 160 characters, or 153 in
each segment of a longer one; one character outside of it turns the whole message into UCS-2, which
holds 70 or 67. Of the Spanish letters é ñ ü ¿ ¡ are in the alphabet and á í ó ú are not
(docs/decisions/008-accents-on-sms.md).
"""

from __future__ import annotations

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

#: Each of these takes two places: an escape and the character.
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67

#: Characters that have a plain twin of the same meaning.
_PLAIN = str.maketrans(
    {
        "\u2018": "'",  # left single quotation mark
        "\u2019": "'",  # right single quotation mark, also the apostrophe of phones
        "\u201c": '"',  # left double quotation mark
        "\u201d": '"',  # right double quotation mark
        "\u00ab": '"',  # left guillemet
        "\u00bb": '"',  # right guillemet
        "\u2013": "-",  # en dash
        "\u2014": "-",  # em dash
        "\u2026": "...",  # ellipsis
        "\u00a0": " ",  # no-break space
        "\u202f": " ",  # narrow no-break space
        "\u2022": "-",  # bullet
    }
)

_ACCENTS = str.maketrans("áíóúÁÍÓÚ", "aiouAIOU")


def for_phones(text: str) -> str:
    """Return the text in the GSM alphabet where nothing but accents on a, i, o, u is lost.

    A text with any other character outside of the alphabet keeps its accents: it is UCS-2 anyway.
    """
    text = text.translate(_PLAIN)
    bare = text.translate(_ACCENTS)
    return bare if is_gsm(bare) else text


def is_gsm(text: str) -> bool:
    """Whether a message of this text is sent in the 7-bit alphabet."""
    return all(character in GSM_BASIC or character in GSM_EXTENSION for character in text)


def segments_of(text: str) -> int:
    """Return how many segments a carrier sends, and charges, for a text."""
    return len(parts_of(text))


def parts_of(text: str) -> list[str]:
    """Return a text in the segments in which a carrier sends it."""
    if not text:
        return []
    if is_gsm(text):
        # An escape and its character are never torn apart, which can cost a place in each segment.
        return _parts(text, [2 if c in GSM_EXTENSION else 1 for c in text], GSM_SINGLE, GSM_PART)
    # UTF-16 code units; an emoji is a pair of them and is not torn apart either.
    return _parts(text, [2 if ord(c) > 0xFFFF else 1 for c in text], UCS2_SINGLE, UCS2_PART)


def _parts(text: str, widths: list[int], single: int, part: int) -> list[str]:
    if sum(widths) <= single:
        return [text]
    starts, used = [0], 0
    for place, width in enumerate(widths):
        if used + width > part:
            starts.append(place)
            used = 0
        used += width
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
