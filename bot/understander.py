"""Language and matching together: the whole understanding of one message."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bot import matcher as matching
from bot.content import LANGUAGES, Catalogue, read_yaml, without_lines
from bot.decision import Cautions, Decider, Decision
from bot.encoder import Encode, encode
from bot.features import exact_form, sentences_of
from bot.language import Detection, LanguageIdentifier, learn_vocabulary
from bot.matcher import LabelledExample, Matcher
from bot.places import Places
from bot.replies import TOPICS, title_of
from bot.reporting import REPORT, ReportFlow
from bot.settings import content_folder
from bot.understanding import (
    ANSWER,
    DIALOGUE,
    FALLBACK_INTENT,
    MORE,
    NEAR_SCOPE,
    NONE_OF_THESE,
    OTHER_LANGUAGE,
    TOPIC,
    UNKNOWN,
    URGENT,
    Candidate,
    Understanding,
)

#: How many questions of a topic are shown at once.
PAGE = 7

#: After these the topics stand as a list from which a number chooses.
_SHOW_MENU = ("greet", "menu")

_FILE = "understander.json"

#: What came before the first message.
_NOTHING = Understanding("en", "", "", "")

#: What `save` writes.
FILES = (_FILE, *matching.FILES)

#: "2", "dos", "la segunda": the number of a choice, per position (data/matching.yml).
_ORDINALS = "ordinals"


@dataclass(frozen=True)
class Explanation:
    """Why a text is understood as it is: what each step saw.

    read_as    the text after the spelling of texting was written out
    settled    the intent, where the text is that of a button or a number, whatever else holds
    evidence   of each language
    decision   with the rule that decided
    urgent, outside   scores of the two gates
    sentences  the best intent of each sentence read for itself
    signals    for each of the best labels, what each signal adds to its score
    """

    read_as: str
    settled: str
    detected: str
    evidence: dict[str, float]
    decision: Decision
    urgent: float
    outside: float
    candidates: tuple[Candidate, ...]
    sentences: dict[str, Candidate]
    signals: dict[str, dict[str, float]]


class Understander:
    """Understands one message at a time. Make one with `train` or `load`."""

    def __init__(
        self,
        language: LanguageIdentifier,
        matcher: Matcher,
        decider: Decider,
        data: dict[str, Any],
    ) -> None:
        self._language = language
        self._matcher = matcher
        self._decider = decider
        self._data = data
        self._exact: dict[str, dict[str, str]] = data["exact"]
        self._states: dict[str, str] = data["states"]
        self._topics: dict[str, str] = data["topics"]
        self._audiences: dict[str, str] = data["audiences"]
        self._report = ReportFlow.from_json(data["report"])
        self._places = Places(data["agents"], data["places"])

    @classmethod
    def train(
        cls,
        examples: Sequence[LabelledExample],
        catalogue: Catalogue,
        encode: Encode = encode,
        remember: Path | None = None,
    ) -> Understander:
        """Learn from the examples and the titles of the catalogue (`remember`: see `Matcher.train`)."""
        lists = without_lines(read_yaml(content_folder() / "language.yml"))
        settings = without_lines(read_yaml(content_folder() / "matching.yml"))
        titles = [
            LabelledExample(entry.title[language], entry.intent, language)
            for entry in catalogue.entries.values()
            for language in LANGUAGES
        ]
        topics = {entry.intent: entry.topic for entry in catalogue.entries.values()}
        matcher = Matcher.train([*examples, *titles], catalogue, settings, encode, remember)
        data = {
            "lists": lists,
            "vocabulary": learn_vocabulary((e.text, e.language) for e in [*examples, *titles]),
            "exact": _exact_texts(catalogue, titles),
            "states": _states(settings["states"]),
            "topics": topics,
            "ordinals": {
                exact_form(word): position
                for position, words in enumerate(settings[_ORDINALS])
                for word in words
            },
            "more": [exact_form(word) for word in settings["more"]],
            "audiences": {
                exact_form(cue): audience for audience, cues in settings["audiences"].items() for cue in cues
            },
            "report": _report_flow(catalogue).to_json(),
            "agents": settings["agents"],
            "places": settings["places"],
        }
        return cls(
            LanguageIdentifier(lists, data["vocabulary"]),
            matcher,
            Decider(settings["decision"], Cautions.of(settings, topics)),
            data,
        )

    def save(self, folder: Path) -> None:
        """Write everything that `load` needs; no pickles, so that an archive runs no code."""
        data = {**self._data, "decision": self._decider.settings, "cautions": asdict(self._decider.cautions)}
        (folder / _FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        self._matcher.save(folder)

    @classmethod
    def load(cls, folder: Path, encode: Encode = encode) -> Understander:
        """Read what `save` wrote."""
        data = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        language = LanguageIdentifier(data["lists"], data["vocabulary"])
        decider = Decider(data["decision"], Cautions.from_json(data["cautions"]))
        return cls(language, Matcher.load(folder, encode), decider, data)

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Read many texts at once, and their sentences (see `Matcher.read_ahead`)."""
        self._matcher.read_ahead([part for text in texts for part in (text, *sentences_of(text))])

    def explain(self, text: str) -> Explanation:
        """Return why a text, as the first of a conversation, is understood as it is."""
        detection = self._language.detect(text)
        match = self._matcher.match(text)
        decision = self._decider.decide(match)
        sentences = sentences_of(text)
        alone = self._matcher.match_each(sentences) if sentences else []
        parts = dict(zip(sentences, alone, strict=True))
        final = self._decider.with_parts(decision, list(parts.values()))
        read_as, signals = self._matcher.explain(text)
        return Explanation(
            read_as=read_as,
            detected=detection.detected,
            evidence=dict(detection.evidence),
            decision=final,
            urgent=match.urgent,
            outside=match.outside,
            candidates=match.candidates,
            sentences={part: found.best for part, found in parts.items()},
            signals=signals,
            settled=known[0] if (known := self._known(text, _NOTHING, detection.reply)) else "",
        )

    def understand(
        self,
        text: str,
        previous: Understanding | None = None,
        chosen: str | None = None,
        reason: str = "",
    ) -> Understanding:
        """Understand one message.

        `previous` is the understanding of the message before, `chosen` the language that the page
        or the person chose, `reason` why the text cannot be matched ("empty", "too_long").
        """
        detection = self._language.detect(text, previous.language if previous else None, chosen)
        before = previous or Understanding(detection.reply, "", "", "")
        common: dict[str, Any] = {
            "detected": detection.detected,
            "state": _named(text, self._states) or before.state,
            "audience": _named(text, self._audiences) or before.audience,
            "asks": "?" in text,
        }
        if reason:
            return Understanding(
                detection.reply, decision=UNKNOWN, intent=FALLBACK_INTENT, reason=reason,
                entry=before.entry, topic=before.topic, misses=before.misses, report=before.report, **common,
            )  # fmt: skip
        understood = self._outside_report(text, before, detection, common)
        if before.report:
            understood = self._report.next(exact_form(text), understood, before) or understood
        if understood.intent == REPORT and understood.report is None:
            understood = self._report.start(understood)
        return understood

    def _outside_report(
        self, text: str, before: Understanding, detection: Detection, common: dict[str, Any]
    ) -> Understanding:
        """Understand a message for itself, whatever guided report it may be part of."""
        match = self._matcher.match(text, before.entry, common["audience"], common["state"])
        common["candidates"] = match.candidates
        known = self._known(text, before, detection.reply)
        if known is not None:
            intent, language = known
            return self._settled(intent, language, 1.0, before, common)
        if detection.surely_other or (detection.other and not match.sure):
            return Understanding(
                detection.reply, decision=DIALOGUE, intent=OTHER_LANGUAGE, confidence=1.0,
                entry=before.entry, topic=before.topic, **common,
            )  # fmt: skip
        decision = self._decider.decide(match)
        if decision.kind == ANSWER:
            parts = sentences_of(text)
            decision = self._decider.with_parts(decision, self._matcher.match_each(parts) if parts else [])
        if decision.kind == URGENT:
            share = match.probability(decision.intent)
            decision = replace(decision, intent=self._places.situation(text, decision.intent, share))
        understood = self._settled(decision.intent, detection.reply, decision.confidence, before, common)
        # Choices are about their first entry, until the person says otherwise.
        entry = decision.shown[0] if decision.shown else understood.entry
        return replace(
            understood,
            decision=decision.kind,
            entry=entry,
            topic=self._topics.get(entry, understood.topic),
            shown=decision.shown or understood.shown,
            misses=before.misses + 1 if decision.kind == UNKNOWN else 0,
            referral=match.kind if decision.intent == NEAR_SCOPE else "",
        )

    def _settled(
        self, intent: str, language: str, confidence: float, before: Understanding, common: dict[str, Any]
    ) -> Understanding:
        """Return the understanding of an intent that is no longer in doubt."""
        if intent.startswith(f"{TOPIC}/"):
            _, topic, page = (*intent.split("/"), "1")[:3]
            return Understanding(
                language, decision=DIALOGUE, intent=TOPIC, confidence=confidence,
                entry=before.entry, topic=topic, shown=self._page(topic, int(page)), **common,
            )  # fmt: skip
        if "/" in intent:
            kind = URGENT if intent.startswith("urgent/") else ANSWER
            return Understanding(
                language, decision=kind, intent=intent, confidence=confidence,
                entry=intent, topic=self._topics.get(intent, ""), **common,
            )  # fmt: skip
        if intent == "switch_to_spanish":
            language = "es"
        elif intent == "switch_to_english":
            language = "en"
        misses = before.misses + 1 if intent == NONE_OF_THESE else 0
        kind = UNKNOWN if intent == FALLBACK_INTENT else DIALOGUE
        shown = tuple(f"{TOPIC}/{topic}" for topic in TOPICS) if intent in _SHOW_MENU else ()
        part = before.page + 1 if intent == MORE and before.entry else 0
        return Understanding(
            language, decision=kind, intent=intent, confidence=confidence,
            entry=before.entry, topic=before.topic, misses=misses, shown=shown, page=part, **common,
        )  # fmt: skip

    def _page(self, topic: str, page: int) -> tuple[str, ...]:
        """Return the entries of one page of a topic, and the next page if there is one."""
        entries = [intent for intent, own in self._topics.items() if own == topic]
        shown = entries[(page - 1) * PAGE : page * PAGE]
        more = [f"{TOPIC}/{topic}/{page + 1}"] if page * PAGE < len(entries) else []
        return (*shown, *more)

    def _known(self, text: str, before: Understanding, language: str) -> tuple[str, str] | None:
        """Return the intent of a button's text, or of a number after choices, with its language."""
        form = exact_form(text)
        position = self._data["ordinals"].get(form)
        if before.shown and position is not None:
            if position < len(before.shown):
                return before.shown[position], before.language
            return NONE_OF_THESE, before.language
        if form in self._data["more"]:
            return MORE, before.language if before.decision else language
        found = self._exact.get(form)
        if found is None:
            return None
        own = found["language"] or (before.language if before.decision else language)
        return found["intent"], own


def _named(text: str, names: Mapping[str, str]) -> str:
    """Return what the first of the names in a text stands for, or ""."""
    words = f" {exact_form(text)} "
    return next((meaning for name, meaning in names.items() if f" {name} " in words), "")


def _report_flow(catalogue: Catalogue) -> ReportFlow:
    words = without_lines(read_yaml(content_folder() / "reporting.yml"))
    forms = {name: [exact_form(str(word)) for word in words[name]] for name in ("leave", "yes")}
    for language in LANGUAGES:
        forms["leave"].append(exact_form(catalogue.phrase("report_leave", language)))
        forms["yes"].append(exact_form(catalogue.phrase("report_yes", language)))
    for kind in catalogue.report_kinds.values():
        forms[f"title {kind.id}"] = [exact_form(title) for title in kind.title.values()]
    return ReportFlow.of(catalogue.report_kinds.values(), forms)


def _states(names: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the states by name, West Virginia before Virginia."""
    pairs = [(exact_form(name), code) for code, both in names.items() for name in both.values()]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


def _exact_texts(catalogue: Catalogue, titles: Sequence[LabelledExample]) -> dict[str, dict[str, str]]:
    """Return what the texts of buttons mean; language "" where both languages share the text."""
    pairs = [(t.text, t.intent, t.language) for t in titles]
    for language in LANGUAGES:
        pairs.append((catalogue.phrase("choices_none", language), NONE_OF_THESE, language))
        for topic in TOPICS:
            count = sum(entry.topic == topic for entry in catalogue.entries.values())
            pages = [f"{TOPIC}/{topic}/{page}" for page in range(2, math.ceil(count / PAGE) + 1)]
            for intent in (f"{TOPIC}/{topic}", *pages):
                pairs.append((title_of(catalogue, intent, language), intent, language))
    exact: dict[str, dict[str, str]] = {}
    for text, intent, language in pairs:
        form = exact_form(text)
        if form in exact and exact[form]["language"] != language:
            language = ""
        exact[form] = {"intent": intent, "language": language}
    return exact
