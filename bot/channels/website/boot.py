"""What is written into the page, so that it needs nothing more: its words in both languages, the
first steps of every urgent situation, whom to call, and when to renew DACA.

All of it comes from the archive, so the page can never be of another version than the answers.
"""

from __future__ import annotations

from typing import Any

from bot.content import FAQ, LANGUAGES, WEB, Catalogue, Source
from bot.replies import TOPICS, Replies

#: The texts of data/texts.yml that the page shows, beside all those that begin with `page_`.
TEXTS = (
    "card_statement",
    "card_title",
    "plan_title",
    "report_print",
    "report_sheet_note",
    "first_contact",
    "too_long",
    "system_trouble",
    "sources_label",
)

#: When to send a DACA renewal, in days before it expires (facts, daca_renewal_when), and the entry
#: whose first source says so.
RENEWAL_DAYS = (150, 120)
RENEWAL_ENTRY = f"{FAQ}/daca_renewal_when"

Both = dict[str, Any]


def boot_of(
    catalogue: Catalogue, operator: str, retention_days: int, language: str, framed: bool, exit_url: str
) -> dict[str, Any]:
    """Return the data of a page as its script expects it (widget/src/words.ts).

    Raises ReplyError when a text is missing.
    """
    replies = Replies(catalogue, operator, retention_days)
    keys = (*TEXTS, *sorted(key for key in catalogue.texts if key.startswith("page_")))
    return {
        "language": language,
        "framed": framed,
        "exit": exit_url,
        "texts": {code: {key: replies.phrase(key, code) for key in keys} for code in LANGUAGES},
        "topics": [
            {"id": topic, "title": _both(lambda code, t=topic: replies.phrase(f"topic_{t}", code))}
            for topic in TOPICS
        ],
        "situations": situations(catalogue),
        "hotlines": _hotlines(replies),
        "renewal": _renewal(catalogue),
    }


def situations(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the urgent answers: id, title and body in both languages."""
    return [
        {
            "id": entry.id,
            "title": dict(entry.title),
            "body": _both(lambda code, e=entry: e.text(code, WEB)),
        }
        for entry in catalogue.entries.values()
        if entry.urgent
    ]


def _hotlines(replies: Replies) -> list[dict[str, Any]]:
    """Return each phone that an urgent answer names, once, with what it is for."""
    known = replies.catalogue.organizations
    urgent = [entry for entry in replies.catalogue.entries.values() if entry.urgent]
    ids = dict.fromkeys(id_ for entry in urgent for id_ in entry.resources)
    return [
        {
            "name": dict(known[id_].name),
            "number": phone.number,
            "note": _both(lambda code, p=phone: replies.phone_note(p, code)),
        }
        for id_ in ids
        for phone in known[id_].phones
    ]


def _renewal(catalogue: Catalogue) -> dict[str, Any]:
    earliest, latest = RENEWAL_DAYS
    entry = catalogue.entries.get(RENEWAL_ENTRY)
    source = entry.sources[0] if entry else Source("", "", "", "")
    link = {"label": f"{source.org}: {source.title}", "url": source.url}
    return {"earliest": earliest, "latest": latest, "source": dict.fromkeys(LANGUAGES, link)}


def _both(text: Any) -> Both:
    return {code: text(code) for code in LANGUAGES}
