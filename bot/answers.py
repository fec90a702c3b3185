"""The NLG: what an action says, in the language of the message and for the channel."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.content import FAQ, LANGUAGES, SMS, URGENT, WEB, WHATSAPP, Catalogue
from bot.errors import ReplyError
from bot.importer import catalogue_from
from bot.replies import TOPICS, Replies, Reply
from bot.reporting import REPORT, STEPS
from bot.settings import Settings, load_settings
from bot.understanding import KEY, Understanding

_CHANNELS = {"sms": SMS, "whatsapp": WHATSAPP}

#: The channel of the website, whose page shows both languages.
WEBSITE = "website"


def understanding_of(tracker: DialogueStateTracker) -> Understanding:
    """Return what was understood of the latest message.

    A tracker without one (a test, an injected event) counts as not understood, in English.
    """
    parse_data = tracker.latest_message.parse_data if tracker.latest_message else None
    data = (parse_data or {}).get(KEY)
    if not data:
        return Understanding("en", "und", "unknown", "nlu_fallback")
    return Understanding.from_json(data)


class AnswerGenerator(TemplatedNaturalLanguageGenerator):
    """Says the texts of the archive's catalogue.

    A subclass of Rasa's generator, because Rasa refreshes the responses of no other when a new
    archive is loaded (`rasa/core/agent.py`, `load_model`).
    """

    def __init__(
        self,
        endpoint_config: EndpointConfig | None = None,
        domain: Domain | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._settings = settings or load_settings()
        self._replies: Replies | None = None
        super().__init__(domain.responses if domain else {})

    @property
    def responses(self) -> dict[str, list[dict[str, Any]]]:
        """The responses of the archive's domain."""
        return self._responses

    @responses.setter
    def responses(self, responses: dict[str, list[dict[str, Any]]]) -> None:
        self._responses = responses
        if responses:
            self._replies = Replies(
                catalogue_from(responses), self._settings.operator, self._settings.retention_days
            )

    @property
    def replies(self) -> Replies:
        """The replies of the archive. Raises ReplyError before one is loaded."""
        if self._replies is None:
            raise ReplyError("No archive is loaded: train one with `conoce train`.")
        return self._replies

    @property
    def catalogue(self) -> Catalogue:
        """Everything that people can be shown."""
        return self.replies.catalogue

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the message for an action, never nothing (see parent class)."""
        understood = understanding_of(tracker)
        channel = _CHANNELS.get(output_channel, WEB)

        def said(language: str) -> dict[str, Any]:
            view = replace(understood, language=language)
            reply = self._reply(utter_action, view, tracker, channel, kwargs)
            return {
                "text": reply.plain(channel),
                "buttons": [{"title": b.title, "payload": b.payload} for b in reply.buttons],
                KEY: {**parts(reply), "sheet": self._sheet(view)},
            }

        message = said(understood.language)
        message[KEY] |= {
            "language": understood.language,
            "detected": understood.detected,
            "decision": understood.decision,
            "faq_id": understood.intent.removeprefix(f"{FAQ}/")
            if understood.decision in ("answer", "urgent")
            else None,
        }
        if output_channel == WEBSITE:
            # There the language can be switched for all that was said before.
            message[KEY]["translations"] = {
                code: said(code) for code in LANGUAGES if code != understood.language
            }
        return {"utter_action": utter_action, **message}

    def _sheet(self, understood: Understanding) -> dict[str, Any] | None:
        """Return how far a guided report is, for a page that makes a sheet to print of it."""
        report = understood.report
        if report is None or understood.intent != REPORT:
            return None
        labels = [self.replies.phrase(f"report_label_{name}", understood.language) for name in STEPS]
        return {"step": report.step, "done": report.done, "labels": labels}

    def _reply(
        self,
        action: str,
        understood: Understanding,
        tracker: DialogueStateTracker,
        channel: str,
        values: dict[str, Any],
    ) -> Reply:
        replies, language = self.replies, understood.language
        name = action.removeprefix("utter_")
        if name.startswith((f"{FAQ}/", f"{URGENT}/")):
            return self._entry(name, language, channel, understood.state)
        match name:
            case "report":
                return replies.report(understood, channel)
            case "fallback":
                return replies.fallback(understood, channel)
            case "menu" | "greet":
                key = "menu_intro" if name == "menu" else "greet"
                return replies.menu(key, language, channel)
            case "topic" if understood.topic in TOPICS:
                return replies.topic(understood.topic, understood.shown, language, channel)
            case "topic":
                return replies.menu("menu_intro", language, channel)
            case "near_scope":
                return replies.referral(understood.referral, language, channel)
            case "other_language":
                return replies.other_language(understood.detected, language, channel)
            case "more":
                entry = self.catalogue.entries.get(understood.entry)
                return replies.more(entry, understood.page, language, channel)
            case "switched" | "repeat":
                return self._again(name, understood, channel)
            case "people":
                chosen = [self.catalogue.organizations[i] for i in values["organizations"]]
                return replies.organizations(chosen, values["intro"], language, channel)
        return replies.simple(name, language, channel)

    def _entry(self, intent: str, language: str, channel: str, state: str = "") -> Reply:
        entry = self.catalogue.entries.get(intent)
        if entry is None:
            raise ReplyError(f"The archive has no answer {intent}: train it again.")
        today = datetime.datetime.now(tz=datetime.UTC).date()
        return self.replies.answer(entry, language, channel, today, state)

    def _again(self, name: str, understood: Understanding, channel: str) -> Reply:
        """Say the last answer again, after a word on the language when that was switched."""
        if not understood.entry:
            key = "switched" if name == "switched" else "repeat_nothing"
            return self.replies.simple(key, understood.language, channel)
        answer = self._entry(understood.entry, understood.language, channel)
        if name == "repeat":
            return answer
        lead = self.replies.phrase("switched", understood.language, channel)
        return replace(answer, body=f"{lead}\n\n{answer.body}")


def parts(reply: Reply) -> dict[str, Any]:
    """Return the parts of a reply as plain data, for channels that show them apart."""
    return {
        "lang": reply.language,
        "dir": "rtl" if reply.right_to_left else "ltr",
        "body": reply.body,
        "notes": list(reply.notes),
        "sources_label": reply.sources_label,
        "sources": [{"label": s.label, "url": s.url} for s in reply.sources],
        "resources_label": reply.resources_label,
        "resources": [{"label": r.label, "url": r.url} for r in reply.resources],
    }
