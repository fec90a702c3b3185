"""Reads the questions and answers, and the fixed texts, into one catalogue.

The files under `data/` are in Rasa's own formats (docs/content.md); this module gives
them types. The catalogue travels inside the trained archive as JSON, so that questions
and answers can never be of two versions.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError, ReplyError

LANGUAGES = ("en", "es")

#: The channel of a text that is written for all channels.
WEB = "web"
SMS = "sms"
WHATSAPP = "whatsapp"

FAQ = "faq"
URGENT = "urgent"

#: The fields of an entry that are lists of ids.
_LISTS = ("facts", "audience", "related", "resources", "states")

#: Under this name `LINE` each mapping of a file remembers where it began.
LINE = "__line__"


@dataclass(frozen=True)
class Source:
    """Where an answer comes from. `as_of` is the date of the page or of the fact."""

    org: str
    title: str
    url: str
    as_of: str


@dataclass(frozen=True)
class Example:
    """A question as people ask it; `after` is the entry before it, if it leans on one, or ""."""

    text: str
    language: str
    line: int = 0
    after: str = ""


@dataclass(frozen=True)
class Text:
    """One wording. `channel` is "web" (fits all) or "sms"."""

    language: str
    channel: str
    text: str
    line: int = 0


@dataclass(frozen=True)
class Entry:
    """One answer with all that belongs to it. Dates are ISO 8601 strings.

    `states` are the two-letter codes of the states that it is about, empty for the whole country.
    """

    intent: str
    facts: tuple[str, ...]
    topic: str
    audience: tuple[str, ...]
    title: Mapping[str, str]
    sources: tuple[Source, ...]
    reviewed: str
    reviewed_by: str
    review_by: str
    status: str
    volatile: bool
    related: tuple[str, ...]
    resources: tuple[str, ...]
    texts: tuple[Text, ...]
    states: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def id(self) -> str:
        """The id that people and reports see: `daca_renewal_when`, `urgent/at_door`."""
        return self.intent.removeprefix(f"{FAQ}/")

    @property
    def urgent(self) -> bool:
        """Whether this is a situation that is happening now."""
        return self.intent.startswith(f"{URGENT}/")

    def text(self, language: str, channel: str) -> str:
        """Return the wording for a language and a channel ("whatsapp" reads the web text).

        Raises ReplyError when there is none.
        """
        wanted = SMS if channel == SMS else WEB
        for text in self.texts:
            if (text.language, text.channel) == (language, wanted):
                return text.text
        raise ReplyError(f"{self.intent} has no {wanted} text in {language}: write one and train.")


@dataclass(frozen=True)
class Phone:
    """A phone line.

    `hours` is None and `languages` empty when nobody confirmed them; `confirmed` is False for a
    number that no dated source shows.
    """

    number: str
    purpose: Mapping[str, str]
    languages: tuple[str, ...]
    hours: Mapping[str, str] | None
    confirmed: bool = True


@dataclass(frozen=True)
class Organization:
    """Who can help: what for, how to reach them, what to do when nobody answers.

    `states` are two-letter codes, empty for the whole country. `last_checked` is "" without a
    dated source.
    """

    id: str
    name: Mapping[str, str]
    purpose: Mapping[str, str]
    url: Mapping[str, str]
    phones: tuple[Phone, ...]
    topics: tuple[str, ...]
    states: tuple[str, ...]
    if_no_answer: Mapping[str, str]
    last_checked: str
    government: bool = False


@dataclass(frozen=True)
class ReportKind:
    """What a report can be about (data/reporting.yml), who takes it, and entries close to it."""

    id: str
    title: Mapping[str, str]
    agencies: tuple[str, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Everything that people can be shown."""

    entries: Mapping[str, Entry]
    texts: Mapping[str, Any]
    organizations: Mapping[str, Organization] = field(default_factory=dict)
    report_kinds: Mapping[str, ReportKind] = field(default_factory=dict)

    def phrase(self, key: str, language: str, channel: str = WEB, **values: str) -> str:
        """Return a fixed text with its placeholders filled.

        Raises ReplyError when the text does not exist in that language.
        """
        try:
            texts = self.texts[key]
            short = texts.get(SMS, {}) if channel == SMS else {}
            text = str(short.get(language) or texts[language])
        except (KeyError, AttributeError):
            raise ReplyError(
                f"The text {key!r} is missing in {language}: add it to data/texts.yml and train."
            ) from None
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text.strip()

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the archive; examples stay out."""
        entries = []
        for entry in self.entries.values():
            data = asdict(entry)
            data.pop("examples")
            entries.append(data)
        return {
            "entries": entries,
            "texts": self.texts,
            "organizations": [asdict(o) for o in self.organizations.values()],
            "report_kinds": [asdict(kind) for kind in self.report_kinds.values()],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Catalogue:
        """Read what `to_json` wrote."""
        entries = [
            Entry(
                **{
                    **item,
                    **{
                        name: tuple(item[name])
                        for name in ("facts", "audience", "related", "resources", "states")
                    },
                    "sources": tuple(Source(**source) for source in item["sources"]),
                    "texts": tuple(Text(**text) for text in item["texts"]),
                }
            )
            for item in data["entries"]
        ]
        return cls(
            entries={entry.intent: entry for entry in entries},
            texts=data["texts"],
            organizations={item["id"]: organization_from(item) for item in data["organizations"]},
            report_kinds=_report_kinds(data["report_kinds"]),
        )


class _LineLoader(yaml.CSafeLoader):
    """Safe YAML that keeps the line of each mapping and dates as ISO strings."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        mapping[LINE] = node.start_mark.line + 1
        return mapping


def _construct_date(loader: yaml.SafeLoader, node: Any) -> str:
    value = yaml.SafeLoader.construct_yaml_timestamp(loader, node)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


_LineLoader.add_constructor("tag:yaml.org,2002:timestamp", _construct_date)


#: What was read in this context already, by path; None: nothing is kept.
_read: ContextVar[dict[Path, dict[str, Any]] | None] = ContextVar("_read", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Read each file once for the whole of a training, which else reads all of them five times.

    Nobody may change what is read, and no file may change meanwhile.
    """
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read one YAML mapping, each mapping in it with its line under LINE.

    Raises ContentError with file and line.
    """
    known = _read.get()
    if known is None:
        return _read_yaml(path)
    if path not in known:
        known[path] = _read_yaml(path)
    return known[path]


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8") as file:
            data = yaml.load(file, Loader=_LineLoader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError([f"{path}:{line}: {error.problem}: correct the YAML."]) from None
    except yaml.YAMLError as error:
        # A character that YAML does not allow has no line.
        raise ContentError([f"{path}:1: {' '.join(str(error).split())}: take it out."]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([f"{path}:1: cannot be read: {error}"]) from None
    if not isinstance(data, dict):
        raise ContentError([f"{path}:1: expected a mapping with `nlu:` or `responses:` at the top."])
    return data


def without_lines(data: Any) -> Any:
    """Return a copy of `data` without the LINE keys."""
    if isinstance(data, dict):
        return {key: without_lines(value) for key, value in data.items() if key != LINE}
    if isinstance(data, list):
        return [without_lines(item) for item in data]
    return data


def load_catalogue(data: Path, read: Callable[[Path], Iterable[Entry]] | None = None) -> Catalogue:
    """Read `data/nlu`, `data/texts.yml` and `data/organizations.yml`.

    `read` takes the place of `entries_of`. Raises ContentError with every problem that keeps a file
    from being read.
    """
    entries: dict[str, Entry] = {}
    problems: list[str] = []
    for path in sorted((data / "nlu").rglob("*.yml")):
        try:
            found = (read or entries_of)(path)
        except ContentError as error:
            problems.extend(error.problems)
            continue
        for entry in found:
            if entry.intent in entries:
                other = entries[entry.intent]
                problems.append(
                    f"{path}:{entry.line}: {entry.intent} is already in {other.file}:{other.line}: keep one."
                )
            entries[entry.intent] = entry
    if problems:
        raise ContentError(problems)
    return Catalogue(
        entries=entries,
        texts=without_lines(read_yaml(data / "texts.yml")),
        organizations=load_organizations(data),
        report_kinds=_report_kinds(read_yaml(data / "reporting.yml")["kinds"]),
    )


def _report_kinds(items: Iterable[Mapping[str, Any]]) -> dict[str, ReportKind]:
    return {
        item["id"]: ReportKind(
            item["id"], without_lines(item["title"]), tuple(item["agencies"]), tuple(item["entries"])
        )
        for item in items
    }


def load_organizations(data: Path) -> dict[str, Organization]:
    """Read `data/organizations.yml`."""
    items = read_yaml(data / "organizations.yml")["organizations"]
    return {item["id"]: organization_from(item) for item in items}


def entries_of(path: Path, data: Mapping[str, Any] | None = None) -> list[Entry]:
    """Return the entries (retrieval intents) of one file, in its order; `data` is what it holds."""
    data = read_yaml(path) if data is None else data
    responses = data.get("responses") or {}
    entries: list[Entry] = []
    problems: list[str] = []
    for item in data.get("nlu") or []:
        intent = str(item.get("intent", ""))
        if "/" not in intent:
            continue
        try:
            entries.append(_entry(path, intent, item, responses.get(f"utter_{intent}")))
        except ContentError as error:
            problems.extend(error.problems)
    if problems:
        raise ContentError(problems)
    return entries


def _entry(path: Path, intent: str, item: Mapping[str, Any], responses: Any) -> Entry:
    line = item[LINE]
    where = f"{path}:{line}: {intent}"
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        raise ContentError([f"{where} has no metadata: add facts, topic, title, sources and dates."])
    required = ("facts", "topic", "title", "sources", "reviewed", "reviewed_by", "review_by", "status")
    missing = [name for name in required if not metadata.get(name)]
    if missing:
        raise ContentError([f"{where} lacks {', '.join(missing)}: add it to the metadata."])
    if not responses:
        raise ContentError([f"{where} has no answer: add utter_{intent} under `responses:`."])
    examples = item.get("examples") or []
    try:
        return Entry(
            intent=intent,
            facts=tuple(metadata["facts"]),
            topic=metadata["topic"],
            audience=tuple(metadata.get("audience") or ()),
            title={language: metadata["title"].get(language, "") for language in LANGUAGES},
            sources=tuple(
                Source(s["org"], s["title"], s["url"], str(s["as_of"])) for s in metadata["sources"]
            ),
            reviewed=str(metadata["reviewed"]),
            reviewed_by=metadata["reviewed_by"],
            review_by=str(metadata["review_by"]),
            status=metadata["status"],
            volatile=bool(metadata.get("volatile")),
            related=tuple(metadata.get("related") or ()),
            resources=tuple(metadata.get("resources") or ()),
            states=tuple(metadata.get("states") or ()),
            texts=tuple(_texts(responses)),
            examples=tuple(
                Example(
                    str(e["text"]),
                    (e.get("metadata") or {}).get("language", ""),
                    e[LINE],
                    (e.get("metadata") or {}).get("after", ""),
                )
                for e in examples
            ),
            file=str(path),
            line=line,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ContentError(
            [f"{where}: {type(error).__name__} {error}: compare its shape with docs/content.md."]
        ) from None


def _texts(responses: Iterable[Mapping[str, Any]]) -> Iterable[Text]:
    for response in responses:
        language = next(
            (c["value"] for c in response.get("condition", []) if c.get("name") == "language"), ""
        )
        yield Text(language, str(response.get("channel", WEB)), str(response["text"]).strip(), response[LINE])


def organization_from(item: Mapping[str, Any]) -> Organization:
    """Return one organization from plain data."""
    return Organization(
        id=item["id"],
        name=without_lines(item["name"]),
        purpose=without_lines(item["purpose"]),
        url=without_lines(item["url"]),
        phones=tuple(
            Phone(
                number=str(phone["number"]),
                purpose=without_lines(phone["purpose"]),
                languages=tuple(phone["languages"]),
                hours=without_lines(phone.get("hours")),
                confirmed=bool(phone.get("confirmed", True)),
            )
            for phone in item.get("phones") or ()
        ),
        topics=tuple(item.get("topics") or ()),
        states=tuple(item.get("states") or ()),
        if_no_answer=without_lines(item["if_no_answer"]),
        last_checked=str(item.get("last_checked") or ""),
        government=bool(item.get("government")),
    )
