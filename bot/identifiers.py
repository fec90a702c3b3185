"""Where a text holds numbers, e-mails and street addresses that point to a person.

Plain compiled regexes, after the published shapes of USCIS receipts, A-numbers and Social
Security numbers and what people write. Presidio's recognisers were measured and left out:
importing presidio_analyzer pulls in spaCy and TensorFlow (21 s), its e-mail recogniser fetches a
list from the network, and it knows neither A-numbers nor receipts nor "arroba".
Every repetition is possessive or bounded, so that no text takes more than linear time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import yaml

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Span]]

_LANGUAGE = Path(__file__).resolve().parent.parent / "data" / "language.yml"

#: Words that are not part of a name or street, beyond the everyday words of data/language.yml.
_ORDINARY = """
a e i o u an vivo vengo vine naci llegue quisiera perdi trabajo busco pregunto estudio necesitamos somos aca
actualmente entonces desde originario originaria cruce entre gusto pues bueno saludos deportado deportada
arrestaron cual cuales eso esto ese esa este aquel hace vence vencio vencen dice necesita tramite ciudad live
lives living born here speaking calling writing currently originally nice hoping trying looking asking
wondering also since really very too so never always ever only just both each all no none nothing mr mrs ms
dr sr sra srta don dona wrong misspelled mispelled misspelt spelled spelt incorrect correct different missing
changed listed written printed flagged registered used linked mixed similar same blank unknown common short
mal incorrecto diferente distinto correcto equivocado cambiado escrito falso falsa expiro expires expired
expira ice uscis daca tps ead eoir irs ssa dmv fbi cbp dhs nvc ssn itin vawa asylum asilo urgent urgente
important importante okay beneficiario beneficiaria recipient holder serious nacio nacieron parole advance
visa visas perdon waiver migra inmigracion immigration border patrol policia corte juez federal supreme
family traffic juvenile municipal district criminal county state city estado consulado consulate embajada
embassy gobierno government notario notary oficial officer agente agentes program programa permiso permit
form formulario formularios forma solicitud peticion petition carta letter aviso notice tarjeta registro
order orden dreamer dreamers citizen resident residents residentes permanent permanente legal lawful
undocumented worker nurse immigrant immigrants inmigrante refugee asylee minor adult parent single pregnant
sick confused ready glad happy sad new old years year days day months month weeks week hours hour minutes
blocks block dollars people men women times anos dias meses semanas horas minutos cuadras personas policias
carros mexican honduran guatemalan salvadoran nicaraguan venezuelan colombian cuban haitian dominican
peruvian ecuadorian brazilian argentinian bolivian chilean american canadian african asian indian chinese
filipino filipina latino latina hispanic hispano hispana muslim catholic jewish texan ukrainian afghan syrian
russian vietnamese korean european tejano tejana mexicano mexicana americano americana colombiano colombiana
venezolano venezolana cubano cubana peruano peruana boliviano boliviana ecuatoriano ecuatoriana guatemalteco
guatemalteca chapin chapina catracho catracha dominicano dominicana chileno chilena argentino argentina
africano africana haitiano ciudadano ciudadana cristiano cristiana catolico catolica hermano hermana veterano
veterana ucraniano menor mayor joven victima testigo extranjero ilegal feliz pobre mujer hombre gay trans
padre madre soltero viudo viuda alumno alumna medico texas california mexico guatemala honduras salvador
nicaragua venezuela colombia cuba haiti peru ecuador america usa eeuu houston dallas austin chicago nevada
arizona illinois jersey york georgia florida washington oregon utah colorado michigan ohio brooklyn queens
miami phoenix denver atlanta seattle enero febrero marzo abril mayo junio julio agosto septiembre octubre
noviembre diciembre
"""


def words(text: str) -> frozenset[str]:
    """Return the words of a text that lists them."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Return a text in lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Return everyday words of both languages, folded: none is taken for a name or street."""
    with _LANGUAGE.open(encoding="utf-8") as file:
        lists = yaml.safe_load(file)["words"]
    return words(fold(f"{lists['en']} {lists['es']} {_ORDINARY}"))


def _finder(*patterns: str, accept: Callable[[re.Match[str]], bool] | None = None) -> Finder:
    """Return a finder of patterns; what is hidden is the group `value`, or all of the match."""
    compiled = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]

    def find(text: str) -> Iterator[Span]:
        for pattern in compiled:
            for match in pattern.finditer(text):
                if accept is None or accept(match):
                    yield match.span("value" if "value" in pattern.groupindex else 0)

    return find


#: What may stand between two digits of one number; invisible characters come from copying.
_GAP = r"[\s._\-\u00ad\u2010-\u2015\u2212\u200b-\u200d\u2060\ufeff]"
_G0, _G1 = _GAP + "{0,3}+", _GAP + "{1,3}+"
#: Words between "my number is" and the number; a bracket would be a label of ours.
_FILLER = r"[^\d\[\]]{0,25}"
_YEAR, _PART = r"(?:19|20)\d\d", r"[0-3]?\d"
_DATE = re.compile(
    rf"(?<!\d)(?:{_YEAR}[ ./-]{_PART}[ ./-]{_PART}|{_PART}[ ./-]{_PART}[ ./-]{_YEAR}|{_YEAR})(?!\d)"
)


def _digits(low: int, high: int) -> str:
    return rf"\d(?:{_G0}\d){{{low - 1},{high - 1}}}(?!{_G0}\d)"


def _is_number(match: re.Match[str]) -> bool:
    """Whether digits are more than dates and years ("2026-09-01", "2020-2024", "500 2023")."""
    rest = _DATE.sub("", match["value"])
    return rest == match["value"] or sum(character.isdigit() for character in rest) > 3


_LOCAL = r"[^\s@\[\]<>(),;:\"]"
_DOMAIN = r"(?:com|net|org|edu|gov|mx|es|us|gt|hn|sv|co)\b"
_MAILER = r"(?:g\s?mail|hotmail|yahoo|outlook|icloud|aol|live|msn|proton(?:mail)?)\b"
#: "maria punto lopez" and what stands before it, so that "my e-mail is" is not taken for it. The group
#: is not possessive: Python before 3.11.5 then finds nothing (https://github.com/python/cpython/issues/106052).
_SPOKEN = (
    r"(?:(?:correo(?:\s+electr[oó]nico)?|e-?mail|mail)(?:\s+address)?(?:\s+(?:es|is)|\s*:)\s+)?"
    r"(?P<value>(?<![\w.+-])"
    r"(?:[\w.+-]{1,40}+\s+(?:punto|dot|gui[oó]n(?:\s+bajo)?|underscore|dash)\s+){0,3}[\w.+-]{1,40}+\s*"
)
find_email = _finder(
    rf"(?<!{_LOCAL}){_LOCAL}++(?:@[\w.-]*[\w-])+",
    rf"(?<!{_LOCAL}){_LOCAL}++\s?@\s?[\w-]{{1,40}}\s?\.\s?{_DOMAIN}",
    rf"{_SPOKEN}\(?\barr?oba\b\)?\s+[\w-]{{1,40}}(?:\s*(?:\bpunto\b|\bdot\b|\.)\s*[a-z]{{2,6}}\b)*)",
    # "at" is also a place, so a known mail service or a spoken dot must follow; "uscis dot gov" stays.
    rf"{_SPOKEN}[(\[]?\bat\b[)\]]?\s+"
    rf"(?:{_MAILER}(?:\s*(?:\bdot\b|\.)\s*{_DOMAIN})?|[\w-]{{1,40}}\s+dot\s+(?!gov){_DOMAIN}))",
)

_OFFICES = "IOE WAC MSC LIN EAC SRC NBC YSC TSC CSC VSC NSC PSC CRC ZAR ZCH ZHN ZLA ZMI ZNK ZNY ZSF"
_OFFICE = "|".join(r"[\s.-]?".join(code) for code in sorted(words(_OFFICES)))
find_receipt = _finder(rf"(?<![^\W_])(?:{_OFFICE}){_G0}(?:[#:]\s*)?{_digits(7, 13)}")

_ALIEN = (
    r"(?:\balien|\ba[\s-]?num(?:ber|ero)?\b|\buscis\s?(?:number|no\b|#)|\bextranjer[oa]|"
    r"\bn[uú]m(?:ero)?\.?\s(?:de\s)?(?:a\b|registro|uscis))"
)
find_a_number = _finder(
    rf"(?<![^\W_])a(?:(?!\s){_GAP}{{1,2}}|\s*#\s*:?\s*|(?=\d)){_digits(7, 9)}",
    # A space may also follow the Spanish "a", so only the groupings of the cards count after it.
    rf"(?<![^\W_])a\s+(?:\d{{7,9}}|\d{{2,3}}{_G1}\d{{3}}{_G1}\d{{2,3}})(?!{_G0}\d)",
    rf"{_ALIEN}{_FILLER}(?!{_DATE.pattern})(?P<value>{_digits(7, 9)})",
)

find_ssn = _finder(
    rf"(?<!\d)\d{{3}}(?:{_G1}|/)\d{{2}}(?:{_G1}|/)\d{{4}}(?!\d)",
    rf"\b(?:ssn|itin|social|seguro){_FILLER}(?!{_DATE.pattern})(?P<value>{_digits(9, 9)})",
)

find_world_phone = _finder(
    rf"(?<![\d+])(?:\+|\b(?:011|00)(?=[\s.-]))\s?\(?\d(?:{_G0}\)?{_G0}\(?\d){{6,14}}(?!\d)"
)

# No Luhn check: a mistyped card is still someone's card.
find_card = _finder(rf"(?P<value>(?<!\d)[2-6]{_G0}{_digits(12, 18)})", accept=_is_number)

_PHONE_WORDS = (
    r"tel[eé]fono|tel|phone|cel|cell|celular|m[oó]vil|mobile|whats\s?app|n[uú]mero es|number is|"
    r"(?:call|text|reach) me (?:at|on)|(?:ll[aá]m|m[aá]rqu|m[aá]rc|escr[ií]b)[ae]n?me al?"
)
find_phone = _finder(
    rf"(?P<value>(?<!\d)(?:1{_G0})?\(?[2-9]\d\d\s?\)?/?{_G0}\d{{3}}{_G0}\d{{4}})(?!\d)",
    rf"(?P<value>(?<!\d)\d{{2}}{_G1}\d{{4}}{_G1}\d{{4}})(?!\d)",
    rf"(?P<value>(?<!\d)\d\d(?:{_G1}\d\d){{4}})(?!{_G0}\d)",
    rf"\b(?:{_PHONE_WORDS})\b{_FILLER}(?P<value>{_digits(7, 13)})",
    accept=_is_number,
)

# "555-2019" is a telephone and "2012-2019" a range of years.
find_local_phone = _finder(rf"(?<!\d)(?!{_YEAR}.{_YEAR})\d{{3,4}}[.\u2010-\u2015-]\d{{4}}(?![.\d-])")

_DIGIT_WORD = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|"
    r"cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
)
find_number = _finder(
    rf"(?P<value>(?<!\d)\d(?:{_G0}\d){{6,}}+)",
    r"(?P<value>\b[a-z]{4}\d{6}[a-z]{6}\w\d\b)",  # CURP, of the Mexican population registry
    rf"(?P<value>\b{_DIGIT_WORD}(?:[\s,-]{{1,3}}{_DIGIT_WORD}){{6,}}+\b)",
    accept=_is_number,
)

_PIECE = r"[^\W_][\w.'’-]{0,24}+"
_UNIT = (
    r"(?:[,\s]{1,3}(?:apt|apartment|apto|apartamento|depto|departamento|unit|suite|ste|lot|room|rm|int|"
    r"interior|#)(?![^\W\d])\.?\s*#?\s*[\w-]{1,6}\b)?"
)
_CITY = r"(?:[,\s]{1,3}[^\W\d_]{2,20}(?:\s[^\W\d_]{2,20}){0,2},?\s+[a-z]{2}\.?,?\s+\d{5}(?:-\d{4})?(?!\d))?"
_ENGLISH_STREET = (
    r"(?:street|st|avenue|ave|av|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|terrace|ter|"
    r"circle|cir|parkway|pkwy|highway|hwy|way|loop|trail|trl|square|plaza|pike|alley)"
)
_SPANISH_STREET = (
    r"(?:calle|avenida|avda|av|ave|calzada|boulevard|bulevar|blvd|carretera|callej[oó]n|privada|paseo|"
    r"pasaje|prolongaci[oó]n|camino|colonia|col)"
)
#: Words of "calle de los Olivos", "W Main St", "calle 5 de mayo", "avenida 16 de septiembre".
_CONNECTORS = words("de del la las los el y san santa n s e w north south east west")
_MONTHS = words("enero febrero mayo julio septiembre octubre noviembre")
#: "en la calle arrestaron 15 personas" is no address.
_VERB = re.compile(r"(?:ron|mos|aban?)$")


def _is_street(match: re.Match[str]) -> bool:
    """Whether the words between "calle" and the number, or a number and "street", can be a name."""
    middle, marked = match["middle"], "#" in match[0]
    names = [fold(word.strip(".,")) for word in middle.split()]
    own = [word for word in names if word not in _CONNECTORS and not word.isdigit()]
    if any(word in stop_words() and word not in _MONTHS for word in own):
        return False
    if marked or middle != middle.lower():
        return bool(own) or marked
    return bool(own) and len(match["number"]) > 1 and not _VERB.search(own[0])


find_street = _finder(
    rf"(?<![\w$-])(?P<number>\d{{1,6}})[a-z]?(?P<middle>(?:\s+{_PIECE}){{1,4}}?)\s+{_ENGLISH_STREET}\b\.?"
    rf"{_UNIT}{_CITY}",
    rf"\b{_SPANISH_STREET}\b\.?(?P<middle>(?:\s+{_PIECE},?){{1,5}}?)"
    rf"(?:,?\s*(?:#|\bno\b\.?|\bn[uú]m(?:ero)?\b\.?)\s*|\s+)(?P<number>\d{{1,6}})(?![\w/]){_UNIT}{_CITY}",
    accept=_is_street,
)
find_box = _finder(
    r"\b(?:p\.?\s?o\.?\s?box|post\s+office\s+box|(?:apartado|apdo\.?|casilla)\s+postal|apdo\.?)\s*"
    r"(?:#|no\.?|n[uú]m(?:ero)?\.?)?\s*\d{1,6}\b" + _CITY
)
