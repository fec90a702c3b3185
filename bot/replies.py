"""From an understanding to what a person reads, for a language and a channel.

A reply is plain data with its parts apart (body, sources, notes, buttons), so that each channel
can show it in its own way; `Reply.plain` is the whole as plain text for channels without parts.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.content import FAQ, LANGUAGES, SMS, WEB, WHATSAPP, Catalogue, Entry, Organization, Phone
from bot.helpers import MAX_ORGANIZATIONS, helpers_for, maldef_offices
from bot.phones.pages import fits_sms, fits_whatsapp, split
from bot.reporting import STEPS
from bot.segments import for_phones, segments_of
from bot.understanding import TOPIC, Report, Understanding

#: A stable answer still goes out this long after its review was due, with a note.
GRACE_DAYS = 30

#: With this many misses in a row people are shown first.
MISSES_TO_PEOPLE = 2

TOPICS = (
    "daca",
    "raids",
    "detention",
    "family",
    "schools",
    "work",
    "status",
    "benefits",
    "reporting",
    "resources",
    "general",
)


@dataclass(frozen=True)
class Button:
    """`payload` is what is sent as the person's message when the button is pressed."""

    title: str
    payload: str


@dataclass(frozen=True)
class Link:
    """A link with its label."""

    label: str
    url: str


@dataclass(frozen=True)
class Reply:
    """What a person reads. `language` is the tag of the text (BCP 47), not always en or es."""

    language: str
    body: str
    notes: tuple[str, ...] = ()
    sources: tuple[Link, ...] = ()
    sources_label: str = ""
    resources: tuple[Link, ...] = ()
    resources_label: str = ""
    buttons: tuple[Button, ...] = ()
    right_to_left: bool = False

    def plain(self, channel: str = WEB) -> str:
        """Return the whole as plain text: by SMS short and in the spelling of phones."""
        numbered = [f"{n}) {button.title}" for n, button in enumerate(self.buttons, 1)]
        if channel == SMS:
            return for_phones("\n".join([self.body, *self.notes, *numbered]))
        parts = [self.body]
        bold = "*{}*" if channel == WHATSAPP else "{}"
        for label, links in ((self.resources_label, self.resources), (self.sources_label, self.sources)):
            if links:
                parts.append(
                    "\n".join([bold.format(label), *(f"- {link.label}: {link.url}" for link in links)])
                )
        parts += ["\n".join(self.notes)] if self.notes else []
        # WhatsApp shows no buttons in a reply: a number chooses.
        parts += ["\n".join(numbered)] if numbered and channel != WEB else []
        return "\n\n".join(parts)


class Replies:
    """Builds replies from a catalogue. Raises ReplyError when a text is missing."""

    def __init__(self, catalogue: Catalogue, operator: str, retention_days: int) -> None:
        self.catalogue = catalogue
        self._operator = operator
        self._days = str(retention_days)

    def phrase(self, key: str, language: str, channel: str = WEB, **values: str) -> str:
        """Return a fixed text; the operator and the retention are filled in."""
        operator = self._operator or self.catalogue.phrase("operator_unnamed", language)
        return self.catalogue.phrase(key, language, channel, operator=operator, days=self._days, **values)

    def simple(self, key: str, language: str, channel: str) -> Reply:
        """A fixed text and nothing else."""
        return Reply(language, self.phrase(key, language, channel))

    def answer(
        self, entry: Entry, language: str, channel: str, today: datetime.date, state: str = ""
    ) -> Reply:
        """An entry, as current as it is: with its sources, dates and the notes that it needs.

        Of the related questions those about the person's state come first.
        """
        overdue = (today - datetime.date.fromisoformat(entry.review_by)).days
        sources = tuple(Link(f"{s.org}: {s.title}", s.url) for s in entry.sources)
        label = self.phrase("sources_label", language)
        # Steps in an emergency stay right when a telephone number may not be: never withheld.
        if overdue > (0 if entry.volatile else GRACE_DAYS) and not entry.urgent:
            first = entry.sources[0]
            body = self.phrase("overdue_volatile", language, channel, source=first.org, url=first.url)
            return Reply(language, body, (), sources, label)
        notes = []
        if channel != SMS:
            notes.append(
                self.phrase(
                    "reviewed_label", language, date=spoken_date(entry.reviewed, language, self.catalogue)
                )
            )
        if overdue > 0 and not entry.urgent:
            notes.append(self.phrase("overdue_stable_note", language, channel))
        if entry.status == "draft":
            notes.append(self.phrase("draft_note", language, channel))
        known = [self.catalogue.organizations[id_] for id_ in entry.resources]
        resources = tuple(Link(o.name[language], o.url[language]) for o in known if o.url.get(language))
        related = [f"{FAQ}/{id_}" for id_ in entry.related] if channel == WEB else []
        related.sort(key=lambda intent: state not in self.catalogue.entries[intent].states)
        reply = Reply(
            language,
            entry.text(language, channel),
            tuple(notes),
            sources,
            label,
            resources,
            self.phrase("resources_label", language),
            tuple(self._question(intent, language) for intent in related),
        )
        return self._with_hint(reply, language) if channel == SMS else reply

    def more(self, entry: Entry | None, page: int, language: str, channel: str) -> Reply:
        """The longer text of an answer with its sources, page by page; on the web it was shown whole."""
        if entry is None:
            return self.simple("more_nothing", language, channel)
        if channel == WEB:
            related = tuple(self._question(f"{FAQ}/{id_}", language) for id_ in entry.related)
            return replace(self.simple("more_end", language, channel), buttons=related)
        sources = "\n".join(f"{source.org}: {source.url}" for source in entry.sources)
        label = self.phrase("sources_label", language)
        whole = f"{entry.text(language, WEB)}\n\n{label}\n{sources}"
        pages = split(for_phones(whole), fits_sms) if channel == SMS else split(whole, fits_whatsapp)
        if not 1 <= page <= len(pages):
            return self.simple("more_end", language, channel)
        number = f" ({page}/{len(pages)})" if len(pages) > 1 else ""
        return Reply(language, pages[page - 1] + number)

    def _with_hint(self, reply: Reply, language: str) -> Reply:
        """Say how to get the longer text, where that costs no segment."""
        hinted = replace(reply, notes=(*reply.notes, self.phrase("more_hint", language)))
        fits = segments_of(hinted.plain(SMS)) == segments_of(reply.plain(SMS))
        return hinted if fits else reply

    def fallback(self, understood: Understanding, channel: str) -> Reply:
        """Choices, or an honest "I don't know" with people to call."""
        language = understood.language
        if understood.reason == "empty":
            return self.simple("empty_message", language, channel)
        if understood.reason == "too_long":
            return self.simple("too_long", language, channel)
        if understood.shown:
            buttons = [self._question(intent, language) for intent in understood.shown]
            none = self.phrase("choices_none", language)
            return Reply(
                language,
                self.phrase("choices_intro", language, channel),
                buttons=(*buttons, Button(none, none)),
            )
        key = "unknown_twice" if understood.misses >= MISSES_TO_PEOPLE else "unknown"
        people = self.people(understood.topic, understood.state, language, channel)
        return Reply(language, f"{self.phrase(key, language, channel)}\n\n{people.body}", people.notes)

    def menu(self, key: str, language: str, channel: str) -> Reply:
        """A text with the topics as buttons."""
        if channel == SMS and key != "menu_intro":
            return self.simple(key, language, channel)  # The list alone fills two messages.
        labels = [self.phrase(f"topic_{topic}", language) for topic in TOPICS]
        return Reply(
            language, self.phrase(key, language, channel), buttons=tuple(Button(t, t) for t in labels)
        )

    def topic(self, topic: str, shown: Sequence[str], language: str, channel: str) -> Reply:
        """The canonical questions of one page of a topic as buttons, and the next page if any.

        `shown` are the intents: entries, and "topic/<topic>/<page>" for another page.
        """
        label = self.phrase(f"topic_{topic}", language)
        return Reply(
            language,
            self.phrase("topic_intro", language, channel, topic=label),
            buttons=tuple(self._question(intent, language) for intent in shown),
        )

    def referral(self, kind: str, language: str, channel: str) -> Reply:
        """Where to turn with a question of a kind that no entry answers."""
        key = f"near_scope_{kind}"
        return self.simple(key if key in self.catalogue.texts else "near_scope", language, channel)

    def report(self, understood: Understanding, channel: str) -> Reply:
        """The next question of a guided report, or where to take it."""
        report, language = understood.report or Report(1), understood.language
        leave = self.phrase("report_leave", language)
        if report.done:
            return self._report_end(report, understood, channel)
        name = STEPS[report.step - 1]
        parts = [self.phrase("report_intro", language, channel)] if report.step == 1 else []
        count = f"({report.step}/{len(STEPS)})"
        parts.append(f"{count} {self.phrase(f'report_q_{name}', language, channel)}")
        offered = {
            "what": [kind.title[language] for kind in self.catalogue.report_kinds.values()],
            "urgency": [self.phrase("report_yes", language), self.phrase("report_no", language)],
        }
        titles = [*offered.get(name, ()), leave]
        # By SMS people answer in words: a list of kinds would fill three messages.
        buttons = () if channel == SMS else tuple(Button(title, title) for title in titles)
        return Reply(language, "\n\n".join(parts), buttons=buttons)

    def _report_end(self, report: Report, understood: Understanding, channel: str) -> Reply:
        language, known = understood.language, self.catalogue.organizations
        kind = self.catalogue.report_kinds.get(report.kind)
        agencies = list(kind.agencies if kind else ())[:MAX_ORGANIZATIONS]
        chosen = [known[id_] for id_ in (*agencies, *maldef_offices(known, understood.state))]
        people = self.organizations(chosen, "report_end", language, channel)
        first = [self.phrase("report_urgent", language, channel)] if report.urgent else []
        last = [self.phrase("report_write_down", language, channel)] if channel != SMS else []
        return replace(people, body="\n\n".join([*first, people.body, *last]))

    def other_language(self, detected: str, language: str, channel: str) -> Reply:
        """What is possible and where to call, in the language of the person if we have it."""
        texts = self.catalogue.texts["other_languages"]
        code = detected.split("-")[0]
        if code not in texts:
            return self.simple("other_language", language, channel)
        text = texts[code]
        return Reply(code, str(text["text"]).strip(), right_to_left=bool(text.get("rtl")))

    def people(self, topic: str, state: str, language: str, channel: str) -> Reply:
        """Who can help with a topic in a state: phones with purpose, languages and hours."""
        known = self.catalogue.organizations
        chosen = [known[id_] for id_ in helpers_for(known, topic, state)]
        return self.organizations(chosen, "people_intro", language, channel)

    def organizations(self, chosen: Iterable[Organization], intro: str, language: str, channel: str) -> Reply:
        """A text and organizations, each with its phones and what to do when nobody answers."""
        chosen = list(chosen)
        blocks = [self.phrase(intro, language, channel)]
        for organization in chosen:
            blocks.append(self._organization(organization, language, channel))
        if channel == SMS:
            return Reply(language, "\n".join(blocks))
        checked = min((o.last_checked for o in chosen), default="")
        note = self.phrase("people_not_checked", language)
        if checked:
            date = spoken_date(checked, language, self.catalogue)
            note = self.phrase("people_last_checked", language, date=date)
        links = tuple(Link(o.name[language], o.url[language]) for o in chosen if o.url.get(language))
        return Reply(
            language,
            "\n\n".join(blocks),
            (note,),
            links,
            self.phrase("resources_label", language),
        )

    def _organization(self, organization: Organization, language: str, channel: str) -> str:
        name, purpose = organization.name[language], organization.purpose[language]
        if channel == SMS:
            reach = [p.number for p in organization.phones[:1]] or [organization.url[language]]
            return f"{name}: {', '.join(reach)}"
        lines = [f"{name}: {purpose}"]
        if organization.government:
            lines.append(self.phrase("people_government", language))
        lines += [f"- {phone.number}: {self.phone_note(phone, language)}" for phone in organization.phones]
        if organization.phones and organization.if_no_answer.get(language):
            lines.append(organization.if_no_answer[language])
        return "\n".join(lines)

    def phone_note(self, phone: Phone, language: str) -> str:
        """What a phone is for, its languages and hours, and what nobody confirmed."""
        spoken = ", ".join(
            self.phrase(f"language_{code if code in LANGUAGES else 'other'}", language)
            for code in phone.languages
        )
        details = [
            phone.purpose[language],
            spoken or self.phrase("people_languages_unconfirmed", language),
            (phone.hours or {}).get(language) or self.phrase("people_hours_unconfirmed", language),
        ]
        if not phone.confirmed:
            details.append(self.phrase("people_phone_unconfirmed", language))
        return "; ".join(details)

    def _question(self, intent: str, language: str) -> Button:
        title = title_of(self.catalogue, intent, language)
        return Button(title, title)


def title_of(catalogue: Catalogue, intent: str, language: str) -> str:
    """Return what a button says: an entry's question, a topic, or a topic's next page."""
    if not intent.startswith(f"{TOPIC}/"):
        return catalogue.entries[intent].title[language]
    _, topic, page = (*intent.split("/"), "")[:3]
    label = catalogue.phrase(f"topic_{topic}", language)
    return catalogue.phrase("topic_page", language, topic=label, page=page) if page else label


def spoken_date(date: str, language: str, catalogue: Catalogue) -> str:
    """Return an ISO date as people say it: November 23, 2026; 23 de noviembre de 2026."""
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        return date
    month = catalogue.texts["months"][language][day.month - 1]
    form = str(catalogue.texts["date_form"][language])
    return form.format(day=day.day, month=month, year=day.year)
