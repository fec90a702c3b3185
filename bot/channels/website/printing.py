"""The rights card and the family plan as pages that print on one sheet.

Their rules are those of the answers in the archive, so a corrected answer corrects the sheet; what
is written for the paper alone is in data/texts.yml under card_ and plan_. The QR code leads to the
source of the answer and is drawn here, without a service.
"""

from __future__ import annotations

import html
from string import Template

import segno
from sanic import Blueprint, HTTPResponse, Request, response

from bot.channels.website.channel import catalogue_of
from bot.channels.website.page import NO_STORE, STATIC, security_headers
from bot.content import FAQ, LANGUAGES, URGENT, WEB, Catalogue, Entry
from bot.errors import ReplyError
from bot.replies import spoken_date

#: A sheet has its style beside it and no script.
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"

#: The languages in which the agent's side of a card is always written first.
AGENT_LANGUAGE = "en"

#: Whose rules a card carries, and where its QR code leads.
CARD_RULES, CARD_SOURCE = f"{URGENT}/at_door", f"{FAQ}/ilrc_red_card"

#: Cards of wallet size on a sheet.
CARDS = 4

PLAN_ENTRIES = (f"{FAQ}/family_plan_overview", f"{FAQ}/family_caregiver_affidavit")

#: The blanks of a plan, to be filled by hand; their words are plan_<name>.
PLAN_BLANKS = ("caregiver", "second", "school", "doctor", "medicine", "papers", "lawyer", "work")


def card(catalogue: Catalogue, language: str, large: bool) -> str:
    """Return the body of the rights card: what to show on one side, what to do on the other."""
    agent = _lines(catalogue.phrase("card_statement", AGENT_LANGUAGE))
    steps = _steps(catalogue.entries[CARD_RULES], language)
    own = ""
    if language != AGENT_LANGUAGE:
        says = catalogue.phrase("card_says", language)
        meaning = " ".join(_lines(catalogue.phrase("card_statement", language)))
        own = _paragraphs([f"{says} {meaning}"], language, "own")
    show = html.escape(catalogue.phrase("card_show", language))
    one = (
        f'<article class="card"><div class="side show"><p class="label" lang="{language}">{show}</p>'
        f"{_paragraphs(agent, AGENT_LANGUAGE, 'agent')}</div>"
        f'<div class="side do" lang="{language}">'
        f'<p class="label">{html.escape(catalogue.phrase("card_do", language))}</p>'
        f"<ol>{''.join(f'<li>{html.escape(step)}</li>' for step in steps)}</ol>"
        f"{own}{_code(catalogue.entries[CARD_SOURCE])}</div></article>"
    )
    return one if large else one * CARDS


def plan(catalogue: Catalogue, language: str) -> str:
    """Return the body of the family plan: what to prepare, and blanks to fill by hand."""
    parts = []
    for intent in PLAN_ENTRIES:
        entry = catalogue.entries[intent]
        parts.append(
            f"<section><h2>{html.escape(entry.title[language])}</h2>{_text(entry, language)}</section>"
        )
    blanks = "".join(
        f"<dt>{html.escape(catalogue.phrase(f'plan_{name}', language))}</dt><dd></dd>" for name in PLAN_BLANKS
    )
    note = html.escape(catalogue.phrase("plan_note", language))
    code = _code(catalogue.entries[PLAN_ENTRIES[0]])
    return (
        f'<div class="plan" lang="{language}">{"".join(parts)}'
        f'<section class="blanks"><dl>{blanks}</dl><p>{note}</p>{code}</section></div>'
    )


def blueprint() -> Blueprint:
    """Return the blueprint with /print/card and /print/plan (?lang=en|es&size=wallet|large)."""
    site = Blueprint("website_printing")
    headers = {**security_headers(POLICY), **NO_STORE}
    template = Template((STATIC / "print.html").read_text(encoding="utf-8"))
    style = (STATIC / "print.css").read_text(encoding="utf-8")

    @site.get("/print.css")
    async def css(request: Request) -> HTTPResponse:
        return response.text(style, content_type="text/css; charset=utf-8")

    @site.get("/print/<sheet:str>")
    async def show(request: Request, sheet: str) -> HTTPResponse:
        language = request.args.get("lang")
        language = language if language in LANGUAGES else LANGUAGES[0]
        large = request.args.get("size") == "large"
        if sheet not in ("card", "plan"):
            return response.text("", status=404)
        try:
            catalogue = catalogue_of(request.app)
        except ReplyError:
            return response.text("", status=503, headers={"Retry-After": "3"})
        return response.html(
            render(template, catalogue, sheet, language, large),
            headers={"Content-Language": language},
        )

    async def secure(request: Request, answer: HTTPResponse) -> None:
        answer.headers.update(headers)

    site.on_response(secure)
    return site


def render(template: Template, catalogue: Catalogue, sheet: str, language: str, large: bool) -> str:
    """Return the whole page of a sheet ("card" or "plan")."""
    other = next(code for code in LANGUAGES if code != language)
    body = card(catalogue, language, large) if sheet == "card" else plan(catalogue, language)
    source = catalogue.entries[CARD_SOURCE if sheet == "card" else PLAN_ENTRIES[0]]
    date = spoken_date(source.reviewed, language, catalogue)
    notes = [catalogue.phrase("reviewed_label", language, date=date)]
    if source.status == "draft":
        notes.append(catalogue.phrase("draft_note", language))
    words = {
        "title": catalogue.phrase(f"{sheet}_title", language),
        "back": catalogue.phrase("print_back", language),
        "how": catalogue.phrase("print_how", language),
        "switch": catalogue.phrase("page_switch_language", language),
        "size": catalogue.phrase("print_wallet" if large else "print_large", language),
        "notes": " ".join(notes),
    }
    return template.substitute(
        {name: html.escape(text) for name, text in words.items()},
        body=body,
        language=language,
        other=other,
        sheet=sheet,
        shape="large" if large else "wallet",
        other_size="wallet" if large else "large",
        hide_size="" if sheet == "card" else "hidden",
    )


def _steps(entry: Entry, language: str) -> list[str]:
    """Return the numbered steps of an urgent answer."""
    lines = _lines(entry.text(language, WEB))
    return [line.partition(". ")[2] for line in lines if line[0].isdigit()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _paragraphs(lines: list[str], language: str, name: str) -> str:
    return "".join(f'<p class="{name}" lang="{language}">{html.escape(line)}</p>' for line in lines)


def _text(entry: Entry, language: str) -> str:
    """Return an answer's paragraphs and list as HTML."""
    out, items = [], []
    for line in [*_lines(entry.text(language, WEB)), ""]:
        if line.startswith("- "):
            items.append(f"<li>{html.escape(line[2:])}</li>")
            continue
        if items:
            out.append(f"<ul>{''.join(items)}</ul>")
            items = []
        if line:
            out.append(f"<p>{html.escape(line)}</p>")
    return "".join(out)


def _code(entry: Entry) -> str:
    """Return a QR code (ISO/IEC 18004) to the first source of an entry, with its address."""
    url = entry.sources[0].url
    drawing = segno.make(url, error="m").svg_inline(scale=2, border=2, omitsize=True)
    return f'<p class="source">{drawing}<span>{html.escape(url.removeprefix("https://"))}</span></p>'
