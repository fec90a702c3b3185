"""Personal data: leave it out of what is kept, and know people by pseudonyms only.

`clean` makes what someone typed into plain text, `redact` replaces personal data by labels before
anything is stored or logged, and `Pseudonyms` turns a sender into a keyed hash (HMAC, RFC 2104), so
that the stored name of a conversation says nothing without the secret.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot import identifiers
from bot.identifiers import Finder, Span, fold, stop_words, words

_MOST_NAME_WORDS = 4

#: Everyday words that begin a name all the same when they follow "my name is".
_ALSO_NAMES = words("will may don salvador julio")

#: Endings of words for what someone is ("Soy Estudiante", "I'm Worried"), and names that have them.
_ENDING = re.compile(
    r"(?:er[oa]s?|ista|ente|ante|dor|dora|en[oa]|ad[oa]s?|id[oa]s?|ense|teca|log[oa]|ed|ing|ish)$"
)
_NAMES_WITH_ENDINGS = words(
    "vicente clemente dante amado amada ada aida frida vera elena lorena ximena jimena magdalena helena "
    "milena azucena filomena nazareno moreno romero guerrero herrera rivera cabrera contreras alfred fred "
    "jared ahmed mohammed mohamed ted ned reed ming ling alvarado delgado maldonado hurtado machado mercado "
    "montero quintero"
)

_LETTER = r"(?:[^\W\d_]|[\u0300-\u036f])"
_WORD = rf"{_LETTER}++(?:['’-]{_LETTER}++)*+"
_FIRST_WORD = re.compile(rf"\s*(?P<word>{_WORD})")
_NEXT_WORD = re.compile(
    rf"\s*(?:(?:de\s+(?:la|los|las|el)|del|de|von|van|da)\s+)?(?P<word>{_WORD})", re.IGNORECASE
)
_TITLE = r"(?:\s+(?:mr|mrs|ms|dr|sr|sra|srta|don|do[ñn]a)\b\.?)?(?=\s)"
_INTRODUCTION = re.compile(
    r"(?:\bme\s+llamo|\bnos\s+llamamos|(?<!como\s)(?<!cómo\s)\bse\s+llaman?|"
    r"\b(?:nombre|apellido)s?(?:\s+completos?)?(?:\s+(?:es|son)\b:?|\s*:)|"
    r"\bnames?(?:\s+(?:is|are)\b:?|['’]s\b|\s*:)|\bmy\s+names\b|"
    rf"\bthis\s+is(?=(?:\s+{_WORD}){{1,3}}?\s+(?:speaking|calling|here)\b)){_TITLE}",
    re.IGNORECASE,
)
#: These words also begin other sentences ("Soy maestra"), so only capitalised names follow them.
_WEAK_INTRODUCTION = re.compile(
    r"\b(?:soy|i['’]?m|i\s+am|this\s+is|les?\s+habla|me\s+(?:llamó|llaman|dicen)|named|llamad[oa]|(?:my|mi)\s+(?:"
    r"husband|wife|son|daughter|brother|sister|mother|father|mom|dad|uncle|aunt|cousin|boyfriend|girlfriend|"
    r"espos[oa]|hij[oa]|herman[oa]|madre|padre|mam[aá]|pap[aá]|t[ií][oa]|prim[oa]|novi[oa]"
    rf")){_TITLE}",
    re.IGNORECASE,
)
#: "named Sofia and Camila".
_AND = re.compile(r"\s+(?:and|y|e|&)(?=\s)", re.IGNORECASE)
_STREET = r"\s+(?:calle|avenida|avda\.?|av\.|callej[oó]n|paseo|colonia)"
_HOME = re.compile(
    r"\b(?:address\s+is|liv(?:e|es|ing)\s+(?:at|on)|viv(?:o|e|imos)\s+en|direcci[oó]n\s+es|domicilio(?:\s+es)?)"
    rf"(?:\s+(?:en|el))?\s*:?\s*(?P<lived>\d{{3,6}})(?:{_STREET})?(?=\s)"
    rf"|(?<![\w$-])(?P<number>\d{{2,6}}){_STREET}(?=\s)",
    re.IGNORECASE,
)


def find_name(text: str) -> Iterator[Span]:
    """Find the names after an introduction, without the introduction."""
    for pattern, capitalised in ((_INTRODUCTION, False), (_WEAK_INTRODUCTION, True)):
        for match in pattern.finditer(text):
            start, end = match.end(), _name_end(text, match.end(), capitalised=capitalised)
            while end > start:
                yield end - len(text[start:end].lstrip()), end
                another = _AND.match(text, end)
                start = another.end() if another else end
                end = _name_end(text, start, capitalised=True)


def find_home(text: str) -> Iterator[Span]:
    """Find "I live at 1234 Broadway" and "1234 calle Hidalgo"."""
    for match in _HOME.finditer(text):
        end = _name_end(text, match.end())
        if end > match.end():
            yield match.start(match.lastgroup or 0), end


def _name_end(text: str, start: int, *, capitalised: bool = False) -> int:
    """Return where the name that begins at `start` ends; `start` itself when there is none."""
    end = position = start
    for count in range(_MOST_NAME_WORDS):
        match = (_NEXT_WORD if count else _FIRST_WORD).match(text, position)
        if match is None:
            break
        word = match["word"]
        initial = len(word) == 1 and word.isupper() and text.startswith(".", match.end())
        if not initial and not _is_name(word, first=not count, capitalised=capitalised):
            break
        end = match.end()
        position = end + initial
    return end


def _is_name(word: str, *, first: bool, capitalised: bool) -> bool:
    folded = fold(word)
    if len(word) == 1 or (folded in stop_words() and not (first and folded in _ALSO_NAMES)):
        return False
    if not capitalised:
        return True
    if not word[0].isupper() or word.isupper():
        return False
    # After a first name any capitalised word is a surname ("Rosa Maldonado").
    return not first or folded in _NAMES_WITH_ENDINGS or not _ENDING.search(folded)


#: What is sure by its shape comes first, the catch-all last.
_FINDERS: tuple[tuple[str, Finder], ...] = (
    ("e-mail", identifiers.find_email),
    ("receipt", identifiers.find_receipt),
    ("A-number", identifiers.find_a_number),
    ("SSN", identifiers.find_ssn),
    ("phone", identifiers.find_world_phone),
    ("card", identifiers.find_card),
    ("phone", identifiers.find_phone),
    ("phone", identifiers.find_local_phone),
    ("address", identifiers.find_street),
    ("address", identifiers.find_box),
    ("address", find_home),
    ("name", find_name),
    ("number", identifiers.find_number),
)
_LABEL = re.compile(r"\[(" + "|".join(dict.fromkeys(kind for kind, _ in _FINDERS)) + r")\]")


@dataclass(frozen=True)
class Redaction:
    """A text without personal data; `kinds` are the labels in it, in order of appearance."""

    text: str
    kinds: tuple[str, ...]


def redact(text: str) -> Redaction:
    """Replace personal data by labels such as [phone].

    Redacting twice changes nothing more: the finders run until they find nothing. Each round hides
    characters that are no label, so there is a last one; nearly always it is the second.
    """
    before = None
    while text != before:
        before = text
        for kind, find in _FINDERS:
            text = _hide(text, kind, find)
    return Redaction(text, tuple(dict.fromkeys(_LABEL.findall(text))))


def _hide(text: str, kind: str, find: Finder) -> str:
    parts, end = [], 0
    for start, stop in sorted(find(text)):
        if start >= end:
            parts += [text[end:start], f"[{kind}]"]
        end = max(end, stop)
    return "".join((*parts, text[end:])) if parts else text


_SPACES = re.compile(r"\s+")

#: Unicode categories: control, invisible format (zero width, text direction), lone surrogate.
_UNSEEN = frozenset(("Cc", "Cf", "Cs"))


def clean(text: str) -> str:
    """Return what someone typed as one line of plain text.

    Leading slashes go, because Rasa reads "/restart" or "/intent{...}" as a command.
    """
    # Pairs of surrogates become the character that they stand for; lone ones are dropped.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    seen = "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c) not in _UNSEEN)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", seen)).lstrip(" /\\").rstrip()


class Pseudonyms:
    """Names of conversations: keyed hashes of channel and sender.

    During a change of keys `previous` is the old secret, so that erasure finds old conversations.
    """

    def __init__(self, secret: str, previous: str | None = None) -> None:
        self._secrets = tuple(_bytes(key) for key in (secret, previous) if key is not None)

    def current(self, channel: str, sender: str) -> str:
        """Return the pseudonym under the current key: 64 hexadecimal digits."""
        return self.all(channel, sender)[0]

    def all(self, channel: str, sender: str) -> tuple[str, ...]:
        """Return the pseudonyms under the current key and, if there is one, the previous."""
        return tuple(_pseudonym(secret, channel, sender) for secret in self._secrets)


def _pseudonym(secret: bytes, channel: str, sender: str) -> str:
    # Each channel has a key of its own, so the same sender on two channels cannot be linked.
    key = hmac.digest(secret, _bytes(f"conoce sender {channel}"), "sha256")
    return hmac.new(key, _bytes(sender), "sha256").hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
