"""Long texts in parts that a phone shows whole."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.segments import segments_of

#: A page of an answer that somebody asked more of, in segments.
PAGE_SEGMENTS = 2

#: Twilio refuses a longer message (error 21617 at 1,600 characters).
MAX_CHARACTERS = 1_500

#: Where a text may be torn, best first: between paragraphs, lines, sentences, words.
_SEAMS = (re.compile(r"\n\n+"), re.compile(r"\n"), re.compile(r"(?<=[.!?]) "), re.compile(r" "))


def fits_sms(text: str) -> bool:
    """Whether a text with its "(1/2)" is one page of SMS."""
    return segments_of(f"{text} (9/9)") <= PAGE_SEGMENTS


def fits_whatsapp(text: str) -> bool:
    """Whether a text may be sent as one message of WhatsApp."""
    return len(text) <= MAX_CHARACTERS


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Return a text in parts that fit, torn at the best seams; nothing but spaces is lost."""
    text = text.strip()
    if not text:
        return []
    if fits(text):
        return [text]
    ends = next((found for seam in _SEAMS if (found := _ends(text, seam, fits))), None)
    if ends is None:  # One endless word, for example an address.
        length = next(n for n in range(len(text) - 1, 0, -1) if n == 1 or fits(text[:n]))
        ends = (length, length)
    return [text[: ends[0]], *split(text[ends[1] :], fits)]


def _ends(text: str, seam: re.Pattern[str], fits: Callable[[str], bool]) -> tuple[int, int] | None:
    """Return the last seam before which the text fits and is at least half of what would fit."""
    best = None
    for found in seam.finditer(text):
        if not fits(text[: found.start()]):
            break
        best = found
    if best is None:
        return None
    early = seam is not _SEAMS[-1] and fits(text[: best.start() * 2])
    return None if early else best.span()
