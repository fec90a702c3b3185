"""What must hold of the questions and answers before they are trained or shown."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.content import (
    FAQ,
    LANGUAGES,
    LINE,
    SMS,
    WEB,
    Catalogue,
    Entry,
    load_catalogue,
    read_yaml,
)
from bot.errors import ContentError
from bot.features import fold
from bot.reading import AIM_SHARE, difficulty, reaches_aim, too_hard
from bot.segments import for_phones, segments_of
from bot.terms import Termbase

#: Fewest example questions an entry may have in a language.
MIN_EXAMPLES = 12

#: Most segments of an answer by SMS with all its notes, and what nearly all must keep to.
MAX_SEGMENTS, SEGMENTS_AIM = 3, 2

#: Longest canonical question: it stands on a button.
MAX_TITLE = 60

STATUSES = ("draft", "approved")

#: "tú" where the texts say "usted" (docs/content_guide.md).
_FAMILIAR = re.compile(r"\b(tú|tus?|ti|contigo)\b", re.IGNORECASE)

_NUMBER = re.compile(r"\d[\d,.:/-]*\d|\d")
_LINK = re.compile(
    r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|gov|net|edu|us)(?:/[\w./-]*\w)?", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#][^\s<>\"{}|\\^`]*)?")
_MAY = re.compile(r"\bMay \d")
_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
    for number, name in enumerate(names.split(), 1)
}


def require(data: Path) -> Catalogue:
    """Return the catalogue. Raises ContentError with every problem, each with file and line."""
    catalogue = load_catalogue(data)
    problems = list(problems_of(catalogue, data))
    if problems:
        raise ContentError(problems)
    return catalogue


def problems_of(
    catalogue: Catalogue, data: Path, read: Callable[[Path], Mapping[str, Any]] = read_yaml
) -> Iterator[str]:
    """Yield every problem, one line each, beginning with file and line; `read` reads a file."""
    terms = Termbase.read(data / "termbase.yml")
    for entry in catalogue.entries.values():
        yield from problems_of_entry(entry, catalogue, terms)
    yield from _aim_problems(catalogue)
    yield from _duplicate_questions(data, read)
    yield from _text_problems(catalogue, data / "texts.yml")
    yield from _report_problems(catalogue, data / "reporting.yml")


def problems_of_entry(entry: Entry, catalogue: Catalogue, terms: Termbase) -> Iterator[str]:
    """Yield every problem that an entry has by itself: all but questions that others have too."""
    yield from _entry_problems(entry, catalogue)
    yield from _unseen_problems(entry)
    yield from _term_problems(entry, terms)


def due(catalogue: Catalogue, days: int, today: datetime.date | None = None) -> list[Entry]:
    """Return the entries whose review falls due within `days`, the first due first."""
    last = (today or datetime.datetime.now(tz=datetime.UTC).date()) + datetime.timedelta(days=days)
    found = [e for e in catalogue.entries.values() if e.review_by <= last.isoformat()]
    return sorted(found, key=lambda e: (e.review_by, e.id))


def coverage(catalogue: Catalogue, data: Path) -> dict[str, Any]:
    """Return which facts each entry rests on, and which are left out with the reason."""
    path = data / "facts_left_out.yml"
    refused = read_yaml(path) if path.exists() else {}
    return {
        "entries": {entry.id: list(entry.facts) for entry in catalogue.entries.values()},
        "refused": {str(k): str(v) for k, v in refused.items() if k != LINE},
    }


def coverage_page(catalogue: Catalogue, data: Path) -> str:
    """Return docs/coverage.md: where each fact of the fact pack is answered."""
    found = coverage(catalogue, data)
    by_fact: dict[str, list[str]] = {}
    for id_, facts in found["entries"].items():
        for fact in facts:
            by_fact.setdefault(fact, []).append(id_)
    lines = [
        "# Where each fact is answered",
        "",
        "Made by `make coverage` from the content; a test fails when it is not current. "
        f"{len(by_fact)} facts rest in {len(found['entries'])} answers, "
        f"{len(found['refused'])} are left out.",
        "",
        "| fact | answers |",
        "|---|---|",
    ]
    lines += [f"| `{fact}` | {', '.join(ids)} |" for fact, ids in sorted(by_fact.items())]
    if found["refused"]:
        lines += ["", "| left out | why |", "|---|---|"]
        lines += [f"| `{fact}` | {reason} |" for fact, reason in sorted(found["refused"].items())]
    return "\n".join(lines) + "\n"


def _entry_problems(entry: Entry, catalogue: Catalogue) -> Iterator[str]:
    where = f"{entry.file}:{entry.line}: {entry.id}"
    for language in LANGUAGES:
        title = entry.title.get(language, "")
        if not title or len(title) > MAX_TITLE:
            yield f"{where}: the title in {language} must have 1 to {MAX_TITLE} characters."
        count = sum(example.language == language for example in entry.examples)
        if count < MIN_EXAMPLES:
            yield f"{where}: {count} questions in {language}: write at least {MIN_EXAMPLES}."
        for channel in (WEB, SMS):
            fitting = [t for t in entry.texts if (t.language, t.channel) == (language, channel) and t.text]
            if len(fitting) != 1:
                yield f"{where}: {len(fitting)} {channel} texts in {language}: give exactly one."
    for example in entry.examples:
        if example.language not in LANGUAGES:
            yield f"{entry.file}:{example.line}: {entry.id}: a question has no language: say en or es."
        if example.after and f"{FAQ}/{example.after}" not in catalogue.entries:
            yield f"{entry.file}:{example.line}: {entry.id}: after: {example.after!r} does not exist."
    for text in entry.texts:
        place = f"{entry.file}:{text.line}: {entry.id}"
        if "{" in text.text or "}" in text.text:
            yield f"{place}: a stray brace: Rasa would send nothing. Take it out."
        word = _FAMILIAR.search(text.text) if text.language == "es" else None
        if word:
            yield f"{place}: {word[0]!r}: write to people with usted."
        if text.language in LANGUAGES and too_hard(text.text, text.language):
            score = difficulty(text.text, text.language)
            yield f"{place}: the {text.channel} text in {text.language} is too hard to read ({score:.0f})."
        if text.language in LANGUAGES and text.channel == SMS:
            segments = segments_of(sms_of(entry, text.text, text.language, catalogue))
            if segments > MAX_SEGMENTS:
                yield f"{place}: the SMS text fills {segments} segments: at most {MAX_SEGMENTS}."
    yield from _parity_problems(entry, where)
    if not entry.sources:
        yield f"{where}: no source: name one."
    for source in entry.sources:
        if not _ADDRESS.fullmatch(source.url) or not source.as_of:
            yield f"{where}: the source {source.title!r} needs an address and a date."
    for name in ("reviewed", "review_by"):
        try:
            datetime.date.fromisoformat(getattr(entry, name))
        except ValueError:
            yield f"{where}: {name} must be a date such as 2026-11-23."
    if entry.status not in STATUSES:
        yield f"{where}: status must be one of {', '.join(STATUSES)}."
    for id_ in entry.related:
        if f"faq/{id_}" not in catalogue.entries:
            yield f"{where}: related entry {id_!r} does not exist."
    for id_ in entry.resources:
        if id_ not in catalogue.organizations:
            yield f"{where}: resource {id_!r} is not in data/organizations.yml."


def _unseen_problems(entry: Entry) -> Iterator[str]:
    """Find characters that nobody sees, which files and phones stumble over."""
    titles = [(f"{entry.line}: {entry.id}: the title in {code}", text) for code, text in entry.title.items()]
    texts = [(f"{t.line}: {entry.id}: the text", t.text.replace("\n", " ")) for t in entry.texts]
    examples = [(f"{e.line}: {entry.id}: a question", e.text) for e in entry.examples]
    for place, text in (*titles, *texts, *examples):
        code = next((ord(c) for c in text if unseen(c)), None)
        if code is not None:
            yield f"{entry.file}:{place} has an invisible character (U+{code:04X}): take it out."


def unseen(character: str) -> bool:
    """Whether a character is one that no text needs: control, direction, zero width, another line end."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def sms_of(entry: Entry, text: str, language: str, catalogue: Catalogue) -> str:
    """Return what a phone gets: the text with the note on drafts, in the spelling of phones."""
    note = catalogue.phrase("draft_note", language, SMS) if entry.status == "draft" else ""
    return for_phones(f"{text}\n{note}".strip())


def _term_problems(entry: Entry, terms: Termbase) -> Iterator[str]:
    """Hold titles and texts to the termbase."""
    word = _FAMILIAR.search(entry.title.get("es", ""))
    if word:
        yield f"{entry.file}:{entry.line}: {entry.id}: title: {word[0]!r}: write to people with usted."
    for problem in terms.problems(entry.title):
        yield f"{entry.file}:{entry.line}: {entry.id}: title: {problem}."
    for channel in (WEB, SMS):
        texts = {t.language: t for t in entry.texts if t.channel == channel and t.language in LANGUAGES}
        for problem in terms.problems({language: t.text for language, t in texts.items()}):
            line = texts["es"].line if "es" in texts else entry.line
            yield f"{entry.file}:{line}: {entry.id}: {channel}: {problem}."


def _aim_problems(catalogue: Catalogue) -> Iterator[str]:
    """Nearly all answers must be plain, and short by SMS; single ones may fall short."""
    for language in LANGUAGES:
        texts = [(e, t) for e in catalogue.entries.values() for t in e.texts if t.language == language]
        web = [reaches_aim(t.text, language) for _, t in texts if t.channel == WEB]
        sms = [
            segments_of(sms_of(e, t.text, language, catalogue)) <= SEGMENTS_AIM
            for e, t in texts
            if t.channel == SMS
        ]
        for what, reached in (("plain enough to read", web), (f"SMS within {SEGMENTS_AIM} segments", sms)):
            if reached and sum(reached) < AIM_SHARE * len(reached):
                yield (
                    f"data/nlu:1: only {sum(reached)} of {len(reached)} answers in {language} are {what}: "
                    f"{AIM_SHARE:.0%} must be."
                )


def _parity_problems(entry: Entry, where: str) -> Iterator[str]:
    """Compare numbers, links and months between languages, and SMS with web."""
    facts = {(t.language, t.channel): facts_of(t.text) for t in entry.texts}
    for channel in (WEB, SMS):
        en, es = facts.get(("en", channel)), facts.get(("es", channel))
        if en is not None and es is not None and en != es:
            yield f"{where}: {channel} texts differ between languages: {', '.join(sorted(en ^ es))}."
    for language in LANGUAGES:
        web, sms = facts.get((language, WEB)), facts.get((language, SMS))
        if web is not None and sms is not None and not sms <= web:
            extra = ", ".join(sorted(sms - web))
            yield f"{where}: the SMS text in {language} says what the web text does not: {extra}."


def facts_of(text: str) -> frozenset[str]:
    """Return the numbers, links and months of a text, in a form that both languages share."""
    links = {link.lower().rstrip("/") for link in _LINK.findall(text)}
    rest = _LINK.sub(" ", text)
    # The steps of an emergency are numbered on the web only.
    rest = re.sub(r"(?m)^\d\. ", "", rest)
    numbers = {n.replace(",", "").rstrip(".") for n in _NUMBER.findall(rest)}
    # "may" is a month only beside a number.
    words = re.findall(r"\w+", fold(rest))
    months = {f"month {_MONTHS[w]}" for w in words if w in _MONTHS and (w != "may" or _MAY.search(rest))}
    return frozenset(links | numbers | months)


def _duplicate_questions(data: Path, read: Callable[[Path], Mapping[str, Any]]) -> Iterator[str]:
    """No question, accents and case apart, may stand in two places."""
    seen: dict[str, tuple[str, str]] = {}
    for path in sorted((data / "nlu").rglob("*.yml")):
        for item in read(path).get("nlu") or ():
            for example in item.get("examples") or ():
                form = question_form(str(example["text"]))
                place = f"{path}:{example[LINE]}"
                intent = str(item.get("intent"))
                if form in seen:
                    other, first = seen[form]
                    if other != intent:
                        yield f"{place}: this question of {intent} is also in {other} ({first})."
                    else:
                        yield f"{place}: this question is in {intent} twice ({first})."
                seen.setdefault(form, (intent, place))


def question_form(text: str) -> str:
    """Return the form in which two questions are the same: folded words."""
    return " ".join(re.findall(r"\w+", fold(text)))


def _text_problems(catalogue: Catalogue, path: Path) -> Iterator[str]:
    for key, texts in catalogue.texts.items():
        if key in ("other_languages",) or not isinstance(texts, dict):
            continue
        for language in LANGUAGES:
            if not texts.get(language):
                yield f"{path}:1: {key} has no text in {language}: write one."


def _report_problems(catalogue: Catalogue, path: Path) -> Iterator[str]:
    for kind in catalogue.report_kinds.values():
        for language in LANGUAGES:
            if not kind.title.get(language):
                yield f"{path}:1: {kind.id} has no title in {language}: write one."
        for id_ in kind.agencies:
            if id_ not in catalogue.organizations:
                yield f"{path}:1: {kind.id}: agency {id_!r} is not in data/organizations.yml."
        for id_ in kind.entries:
            if f"{FAQ}/{id_}" not in catalogue.entries:
                yield f"{path}:1: {kind.id}: entry {id_!r} does not exist."
