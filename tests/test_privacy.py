"""Personal data is found in what people write, and ordinary questions stay as they are."""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.privacy import Pseudonyms, clean, redact
from tests.planted import PLANTED, Planted

# Rows: what someone writes, what is left.
REDACTED = [
    # A-numbers
    ("A123456789", "[A-number]"),  # as on the card
    ("A 123 456 789", "[A-number]"),  # grouped
    ("A-123-456-789", "[A-number]"),  # as on court papers
    ("A12 345 678", "[A-number]"),  # eight digits
    ("a# 123456789", "[A-number]"),  # number sign
    ("A#123456789", "[A-number]"),  # without space
    ("a 1234567", "[A-number]"),  # seven digits
    ("alien number 12345678", "alien number [A-number]"),  # named
    ("alien registration number is: 123-456-789", "alien registration number is: [A-number]"),  # named longer
    ("numero A 123-456-789", "numero [A-number]"),  # Spanish
    ("mi numero de extranjero es 123456789", "mi numero de extranjero es [A-number]"),  # Spanish, named
    ("uscis # 123456789", "uscis # [A-number]"),  # the name on green cards
    ("A\u200b123\u00ad456\u2011789", "[A-number]"),  # copied with invisible characters
    # receipts
    ("IOE0912345678", "[receipt]"),  # online
    ("IOE 09 1234 5678", "[receipt]"),  # grouped
    ("ioe#0912345678.", "[receipt]."),  # number sign, end of sentence
    ("WAC-21-123-45678", "[receipt]"),  # dashes
    ("MSC2190012345 and LIN2190012345", "[receipt] and [receipt]"),  # two
    ("i o e 0912345678", "[receipt]"),  # spelled letters
    (
        "EAC2190012345, SRC2190012345, NBC2190012345, YSC2190012345",
        ", ".join(["[receipt]"] * 4),
    ),  # other offices
    # SSN, ITIN
    ("123-45-6789", "[SSN]"),  # as printed
    ("123 45 6789", "[SSN]"),  # spaces
    ("123/45/6789", "[SSN]"),  # slashes
    ("my ssn is 123456789", "my ssn is [SSN]"),  # named
    ("mi seguro social 123456789", "mi seguro social [SSN]"),  # named, Spanish
    ("itin: 912345678", "itin: [SSN]"),  # taxpayer number
    # telephones
    ("(415) 555-0134", "[phone]"),  # parentheses
    ("415.555.0134", "[phone]"),  # dots
    ("4155550134", "[phone]"),  # no separators
    ("1-415-555-0134", "[phone]"),  # with 1
    ("+1 (415) 555-0134", "[phone]"),  # with +1
    ("+52 55 1234 5678", "[phone]"),  # Mexico
    ("+52 1 (55) 1234-5678", "[phone]"),  # Mexico, older mobile form
    ("55 1234 5678", "[phone]"),  # Mexico City without country
    ("55 12 34 56 78", "[phone]"),  # pairs
    ("+503 7123-4567", "[phone]"),  # El Salvador
    ("+504 9123-4567 o +502 5123 4567", "[phone] o [phone]"),  # Honduras, Guatemala
    ("2222-3333", "[phone]"),  # Central America
    ("011 52 55 1234 5678", "[phone]"),  # dialled from the US
    ("555-0134", "[phone]"),  # local
    ("555-2019", "[phone]"),  # local, ends like a year
    ("7123-2019", "[phone]"),  # the same in Central America
    ("mi cel 5550134", "mi cel [phone]"),  # named
    ("whatsapp 5550 134", "whatsapp [phone]"),  # named, odd groups
    # e-mails
    ("maria@example.com", "[e-mail]"),  # plain
    ("write maria.lopez+daca@mail.example.com.", "write [e-mail]."),  # end of sentence stays
    ("maria @ example . com", "[e-mail]"),  # spaces
    ("maria@gmail", "[e-mail]"),  # unfinished
    ("maria arroba gmail punto com", "[e-mail]"),  # spoken, Spanish
    ("maria punto lopez arroba gmail punto com", "[e-mail]"),  # spoken with a dot
    ("maria at gmail dot com", "[e-mail]"),  # spoken, English
    ("maria (at) example dot com", "[e-mail]"),  # against robots
    ("mi correo es maria85 arroba hotmail.com", "mi correo es [e-mail]"),  # half spoken
    # cards
    ("4111 1111 1111 1111", "[card]"),  # spaces
    ("4111-1111-1111-1111", "[card]"),  # dashes
    ("378282246310005", "[card]"),  # American Express
    # addresses
    ("1234 W Main St Apt 4", "[address]"),  # with a flat
    ("742 Evergreen Terrace", "[address]"),  # no direction
    ("1234 5th Ave, New York, NY 10001", "[address]"),  # numbered street, city, ZIP
    ("i live at 55 elm street", "i live at [address]"),  # lower case
    ("i live at 1234 broadway and have daca", "i live at [address] and have daca"),  # no word for street
    ("vivo en la calle Hidalgo 123", "vivo en la [address]"),  # Spanish
    ("vivo en la calle hidalgo 123 y tengo daca", "vivo en la [address] y tengo daca"),  # lower case
    ("calle 5 de mayo #12", "[address]"),  # a date as a name
    ("calle 13 #45", "[address]"),  # a number as a name
    ("calle de los olivos no. 45", "[address]"),  # connectors
    ("avenida Benito Juárez 1234", "[address]"),  # avenue
    ("P.O. Box 1234", "[address]"),  # box
    ("po box 12", "[address]"),  # box, texting
    ("vivo en el 1234 calle hidalgo", "vivo en el [address]"),  # number first
    ("apartado postal 123", "[address]"),  # box, Spanish
    # names
    ("me llamo maria lopez y mi daca vence en mayo", "me llamo [name] y mi daca vence en mayo"),  # lower case
    ("ME LLAMO MARIA LOPEZ Y TENGO DACA", "ME LLAMO [name] Y TENGO DACA"),  # upper case
    ("mi nombre es Ana-María O'Neil.", "mi nombre es [name]."),  # hyphen, apostrophe
    ("mi nombre completo es maria de la cruz", "mi nombre completo es [name]"),  # connectors
    ("me llamo Jose\u0301 Pe\u0301rez", "me llamo [name]"),  # accents as characters of their own
    ("Soy Juan Pérez", "Soy [name]"),  # capitalised
    ("Soy Elena Rivera", "Soy [name]"),  # names with endings of ordinary words
    ("hola soy Vicente de Houston", "hola soy [name] de Houston"),  # the city stays
    ("my name is will smith", "my name is [name]"),  # an everyday word as a name
    ("my name is Maria J. Lopez, i need help", "my name is [name], i need help"),  # initial
    ("my name's maria", "my name's [name]"),  # contraction
    ("my last name is lopez", "my last name is [name]"),  # part of a name
    ("I'm Maria Lopez and I need help", "I'm [name] and I need help"),  # capitalised
    ("im Maria", "im [name]"),  # texting
    ("this is Maria speaking", "this is [name] speaking"),  # on the telephone
    ("this is maria calling", "this is [name] calling"),  # lower case
    ("their name is sam lee and they work here", "their name is [name] and they work here"),  # someone else's
    ("mi hija se llama sofia", "mi hija se llama [name]"),  # someone else's, Spanish
    ("Name: Maria Lopez", "Name: [name]"),  # as in a form
    ("I'm Rosa Maldonado", "I'm [name]"),  # a surname with the ending of an ordinary word
    ("my kids are named Sofia and Camila", "my kids are named [name] and [name]"),  # two
    ("Me llamo Juan y Tengo DACA", "Me llamo [name] y Tengo DACA"),  # not two
    ("my name is ana bea carla dora eva", "my name is [name] eva"),  # never more than four words
    # other numbers
    ("matricula 12345678", "matricula [number]"),  # consular card
    ("C01234567", "C[number]"),  # passport
    ("1.23.45.67.8", "[number]"),  # odd groups
    ("cuatro uno cinco cinco cinco cinco cero", "[number]"),  # in words
]

# Rows: questions that hold no personal data.
UNCHANGED = [
    # fees and amounts
    "how much is the daca fee? is it $555 or $605",  # two amounts
    "cuanto cuesta la ciudadania, $760 o $710?",  # the same in Spanish
    "a sponsor needs $1,200,000 in assets?",  # seven digits with commas
    "me cobran $3,500.00 por el caso",  # cents
    "fianza de $10000",  # five digits
    "is it 85 dollars for biometrics",  # no sign
    "pagué 500 2023",  # an amount and a year
    # forms and law
    "do I file I-821D with I-765?",  # forms
    "I-765 I-821D I-131 I-90 N-400 N-600 G-28",  # only forms
    "what is form ar-11",  # lower case
    "que es la forma i 765 y la i 131",  # with spaces
    "EOIR-42B or 42A?",  # court forms
    "does INA 212(a)(9)(B)(i)(II) apply",  # statute
    "8 CFR 274a.12(c)(33)",  # regulation
    "what is category c33 or (c)(33)",  # work permit category
    "apartado 3 de la forma",  # a section, no box
    "casilla 14 de la I-821D",  # a box on a form
    "section 4 of the order",  # section
    "W-2 y 1040",  # taxes
    # dates, years, times, ages
    "my daca expires 03/12/2027",  # US date
    "my daca expires 3-12-2027 can i renew",  # dashes
    "vence el 12.03.2027",  # dots
    "court on 2026-09-01 10:30 am",  # ISO date and time
    "expires 09/15/26",  # short year
    "09-15-26",  # short year, dashes
    "vence el 5 de mayo de 2027",  # in words
    "I came in 2007 when I was 6",  # year and age
    "llegue en 1999 2000 mas o menos",  # two years
    "2012 2014 2016 2018",  # many years
    "was it open in 2020-2024?",  # a range
    "del 03-12-2025 al 03-12-2027",  # two dates
    "tengo 31 años y llegue antes del 15 de junio de 2007",  # the DACA date
    "is it 120 or 150 days before",  # days
    "1 2 3",  # a short count
    "zip code 77002",  # five digits
    "I have 3 kids 10 12 and 15",  # ages
    # hotlines and emergencies
    "should I call 911",  # emergency
    "llame al 988",  # crisis line
    "llame a 911 o al 311",  # two
    "is there a hotline",  # the word
    "cual es la linea de ayuda",  # the same in Spanish
    "text 233733",  # short code
    # names of things
    "my name was misspelled on my ead",  # no introduction
    "my name is misspelled on my card",  # looks like one
    "my name is wrong on the notice",  # the same
    "my name is on the lease",  # the same
    "my name is not on the list",  # the same
    "mi nombre esta mal escrito en el permiso",  # Spanish
    "mi apellido es diferente en mi pasaporte",  # a different surname
    "como se llama el formulario",  # a question
    "cómo se llama ese permiso",  # the same
    "como se llama la forma para viajar",  # the same
    "se llama advance parole",  # a thing
    "what is the name of the form",  # a question
    "should I give ICE my name?",  # a question
    # people that call
    "me llamaron",  # they called me
    "me llamaron de inmigracion",  # who
    "me llamo la migra",  # "called me" without accent
    "me llamó un agente",  # with accent
    "me llamo mi abogado ayer",  # without accent
    "me llamo uscis para una cita",  # without accent
    # what people are
    "soy dreamer",  # lower case
    "Soy Dreamer",  # capitalised
    "soy ciudadana",  # citizen
    "Soy Ciudadana Americana",  # capitalised
    "soy maestra",  # occupation
    "Soy Maestra de primaria",  # capitalised
    "Soy Estudiante",  # student
    "Soy Enfermera en Texas",  # nurse
    "Soy Residente Permanente",  # resident
    "Soy Mexicano",  # nationality
    "soy de Texas",  # place
    "Soy De Honduras",  # place, capitalised
    "Soy DACA y quiero viajar",  # status
    "I'm Mexican and my wife is a citizen",  # nationality
    "I'm Undocumented. Can I get a lawyer?",  # status
    "I'm DACA",  # status
    "I am Muslim",  # religion
    "im scared",  # feeling
    "I'm Worried About My Mom",  # title case
    "this is ICE at my door",  # agency
    "This is America",  # country
    "my husband was detained",  # a relative without name
    "My Brother Is Undocumented",  # title case
    "mi esposo tiene DACA",  # a relative without name
    # places
    "they stopped me on the street",  # street
    "i have 3 days to go to court",  # "court" is also a street
    "I have 2 immigration court dates",  # the same
    "there are 20 cops on my street",  # number and street
    "in 180 days is there a way",  # "way" is also a street
    "agarraron a mi primo en la calle hace 3 dias",  # street and number
    "en la calle vieron a 15 agentes",  # the same
    "en la calle arrestaron 15 personas",  # the same
    "can ICE come to my place",  # "place" is also a street
    "i was on highway 59",  # highway
    "me pararon en la carretera 45",  # the same
    "camino a la corte",  # on the way
    # e-mail words and addresses of pages
    "look at uscis dot gov",  # a page
    "I looked at uscis.gov",  # a page
    "https://www.uscis.gov/i-821d",  # a link
    "what is my email for uscis",  # the word
    "does ICE send email at work",  # at
    "social security number for dreamers",  # the words alone
    "can i get a social? i came in 2007",  # a year after the words
    "what is an alien number",  # the words alone
    "que es el numero a",  # the same in Spanish
    "my ssn card came 2026-09-01",  # a date after the words
    "uno dos tres",  # a short count
    "[name] [phone]",  # labels
    "",  # nothing
]


@pytest.mark.parametrize(("text", "expected"), REDACTED)
def test_redact(text: str, expected: str) -> None:
    """Each spelling becomes its label, and the rest of the sentence stays."""
    assert redact(text).text == expected
    assert redact(expected).text == expected


@pytest.mark.parametrize("text", UNCHANGED)
def test_ordinary_questions_stay(text: str) -> None:
    """Fees, dates, forms and everyday words are no personal data."""
    assert redact(text).text == text


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.sentence)
def test_planted(planted: Planted) -> None:
    """No secret survives, also in other letter case, and the label says what it was."""
    assert all(secret in planted.sentence or secret.isdigit() for secret in planted.secrets)
    for text in (planted.sentence, clean(planted.sentence), planted.sentence + "\n" + planted.sentence):
        redaction = redact(text)
        assert not [secret for secret in planted.secrets if secret.lower() in redaction.text.lower()]
        assert redaction.kinds == (planted.kind,)


def test_planted_are_sixty_of_every_kind() -> None:
    """Thirty for each language; every kind is in both."""
    assert Counter(planted.language for planted in PLANTED) == {"en": 30, "es": 30}
    kinds = {language: {p.kind for p in PLANTED if p.language == language} for language in ("en", "es")}
    assert kinds["en"] == kinds["es"]
    assert len(kinds["en"]) == 9


def test_kinds_are_in_order_without_duplicates() -> None:
    """As they appear in the text, not as the finders run."""
    text = "Me llamo Maria, 415-555-0134, maria@example.com o 415-555-0135"
    assert redact(text).kinds == ("name", "phone", "e-mail")


#: Pieces that the finders look at, so that random texts come close to what they match.
_PIECES = st.sampled_from(
    [
        *(
            "me llamo ",
            "my name is ",
            "name: ",
            "soy ",
            "Maria ",
            "lopez ",
            "de la ",
            "mi ",
            "y ",
            "ñ",
            "\u0301",
        ),
        *("A", "a# ", "ioe", "ssn ", "1", "23", "456", "7890", "2020", "2026-09-01", "no. ", "#", "+", "/"),
        *(
            "-",
            ".",
            " ",
            "\n",
            "(",
            ")",
            "[",
            "]",
            "@",
            "arroba ",
            "punto ",
            "com ",
            "at ",
            "\ud800",
            "\u200b",
        ),
        *("calle ", "st", "i live at ", "[name]", "[phone]", "[e-mail]", "[A-number]"),
    ]
)
_TEXTS = st.one_of(st.text(st.characters(), max_size=200), st.lists(_PIECES, max_size=40).map("".join))


@settings(max_examples=500, deadline=None)
@given(_TEXTS)
def test_redact_is_idempotent(text: str) -> None:
    """Any text is safe, and nothing is left for a second time."""
    once = redact(text)
    assert redact(once.text) == once


@pytest.mark.parametrize(
    ("unit", "most"),
    [
        ("1", 0.1),  # one long number
        ("a", 0.1),  # one long word
        ("é", 0.1),  # the same, not ASCII
        ("a1", 0.1),  # mixed
        ("1 ", 0.5),  # digits with gaps
        ("ab cd ", 0.5),  # words
        ("a@", 0.5),  # almost e-mails
        ("a.", 0.5),  # the same
        ("a dot ", 0.5),  # almost spoken e-mails
        ("(1", 0.5),  # almost telephones
        ("-", 0.5),  # only gaps
        ("IOE", 0.5),  # almost receipts
        ("ssn ", 0.5),  # introductions without what they introduce
        ("soy Ana ", 0.5),  # many names
        ("calle a ", 0.5),  # almost addresses
        ("1 a ", 0.5),  # the same
        ("\u0301", 0.5),  # accents without letters
        ("\ud800", 0.5),  # lone surrogates
        ("\x00", 0.5),  # control characters
    ],
)
def test_long_runs_are_fast(unit: str, most: float) -> None:
    """20,000 characters of one thing cost that many seconds of computing; the best of three."""
    text = (unit * 20_000)[:20_000]
    seconds = []
    for _ in range(3):
        start = time.process_time()
        redact(text)
        seconds.append(time.process_time() - start)
    assert min(seconds) < most


def test_ordinary_texts_take_less_than_a_millisecond() -> None:
    """The median over the tables."""
    seconds = []
    for text in [text for text, _ in REDACTED] + UNCHANGED:
        start = time.process_time()
        redact(text)
        seconds.append(time.process_time() - start)
    assert sorted(seconds)[len(seconds) // 2] < 0.001


def test_import_needs_neither_rasa_nor_tensorflow() -> None:
    """The core stays light."""
    code = (
        "import sys, bot.logs, bot.privacy; "
        "sys.exit(bool({'rasa', 'tensorflow', 'spacy', 'presidio_analyzer'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  hola \t\n mundo ", "hola mundo"),  # whitespace
        ("/restart", "restart"),  # a command of Rasa
        (' / \\//intent{"a": 1}', 'intent{"a": 1}'),  # a payload of Rasa
        ("\u200b/restart", "restart"),  # hidden behind a zero-width space
        ("and/or", "and/or"),  # a slash inside
        ("Pe\u0301rez", "P\u00e9rez"),  # NFC
        ("a\u202eb\u2066c\ufeffd\u00ade", "abcde"),  # direction marks, byte order mark, soft hyphen
        ("a\x00b\x1bc\x7f", "abc"),  # control characters
        ("a\ud800b", "ab"),  # a lone surrogate
        ("\ud83d\ude00", "\U0001f600"),  # a pair of surrogates is a character
        ("line\u2028two\u00a0three", "line two three"),  # other spaces
        ("¿Qué es DACA? 😀", "¿Qué es DACA? 😀"),  # ordinary text
        ("", ""),  # nothing
    ],
)
def test_clean(text: str, expected: str) -> None:
    """What is typed becomes one line of plain text."""
    assert clean(text) == expected


@settings(max_examples=500, deadline=None)
@given(_TEXTS)
def test_clean_holds_its_promises(text: str) -> None:
    """For any text."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not cleaned.startswith(("/", "\\", " "))
    assert not {unicodedata.category(character) for character in cleaned} & {"Cc", "Cf", "Cs"}
    cleaned.encode("utf-8")


def test_pseudonyms_are_keyed_hashes() -> None:
    """Stable for a key, different for every key, channel and sender, and not reversible by guessing."""
    names = Pseudonyms("k" * 32)
    current = names.current("web", "4155550134")
    assert current == Pseudonyms("k" * 32).current("web", "4155550134")
    assert len(current) == 64
    assert set(current) <= set("0123456789abcdef")
    others = {
        Pseudonyms("x" * 32).current("web", "4155550134"),
        names.current("sms", "4155550134"),
        names.current("web", "4155550135"),
        names.current("web4155550134", ""),
    }
    assert current not in others
    assert len(others) == 4


def test_erasure_finds_the_previous_key() -> None:
    """After a change of keys both names are tried, the current first."""
    old, new = Pseudonyms("o" * 32), Pseudonyms("n" * 32, previous="o" * 32)
    assert new.all("web", "s") == (new.current("web", "s"), old.current("web", "s"))
    assert old.all("web", "s") == (old.current("web", "s"),)


def test_pseudonyms_take_any_sender() -> None:
    """Channels may pass on anything."""
    assert len(Pseudonyms("k" * 32).current("web\x00", "\ud800")) == 64
