"""The page on which people write, and the check whether the server is alive.

All words come from the archive's catalogue: the page is filled here, in the language that the
person asked for, and carries both languages for its script (static/page.js). Nothing is stored in
the browser, and nothing is loaded from anywhere else.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from string import Template

from sanic import Blueprint, HTTPResponse, Request, response

from bot.channels.website.channel import allowed_origins, catalogue_of
from bot.channels.website.events import preferred_language
from bot.content import LANGUAGES, Catalogue
from bot.errors import ReplyError
from bot.settings import Settings, load_settings

STATIC = Path(__file__).parent / "static"

FILES = {
    "page.css": "text/css",
    "print.css": "text/css",
    "page.js": "text/javascript",
    "socket.js": "text/javascript",
}

#: The texts that the page and its script show.
TEXTS = (
    "page_title",
    "page_intro",
    "page_placeholder",
    "page_send",
    "page_you",
    "page_bot",
    "page_connecting",
    "page_lost_connection",
    "page_switch_language",
    "page_new_conversation",
    "page_delete",
    "page_menu",
    "page_people",
    "page_emergency",
    "card_title",
    "plan_title",
    "report_print",
    "report_sheet_note",
    "first_contact",
    "too_long",
    "system_trouble",
)

#: While the archive is being loaded the page has no words: the browser tries again by itself.
STARTING = {"Retry-After": "3", "Refresh": "3"}


def texts_of(catalogue: Catalogue, operator: str) -> dict[str, dict[str, str]]:
    """Return the page's texts by language and key.

    Raises ReplyError when one is missing.
    """
    texts = {}
    for language in LANGUAGES:
        name = operator or catalogue.phrase("operator_unnamed", language)
        texts[language] = {key: catalogue.phrase(key, language, operator=name) for key in TEXTS}
    return texts


def render(template: Template, catalogue: Catalogue, operator: str, language: str) -> str:
    """Return the page in a language."""
    texts = texts_of(catalogue, operator)
    # Inside a script element only "<" could end the block or open a comment.
    block = json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c")
    other = next(code for code in LANGUAGES if code != language)
    words = {key: html.escape(text) for key, text in texts[language].items()}
    return template.substitute(words, language=language, other_language=other, texts=block)


def security_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every response: nothing from elsewhere, no framing by others."""
    # Older Safari does not count WebSockets of the same host as 'self'.
    sockets = " ".join(origin.replace("http", "ws", 1) for origin in allowed_origins(settings))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"connect-src 'self' {sockets}; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def blueprint(settings: Settings | None = None) -> Blueprint:
    """Return the blueprint with `/`, its style and script, and `/health`."""
    settings = settings or load_settings()
    site = Blueprint("website_page")
    template = Template((STATIC / "index.html").read_text(encoding="utf-8"))
    headers = security_headers(settings)

    @site.get("/")
    async def page(request: Request) -> HTTPResponse:
        language = request.args.get("lang")
        if language not in LANGUAGES:
            language = preferred_language(request.headers.get("accept-language"))
        try:
            catalogue = catalogue_of(request.app)
        except ReplyError:
            return response.text("", status=503, headers={**STARTING, "Cache-Control": "no-store"})
        return response.html(
            render(template, catalogue, settings.operator, language),
            headers={"Cache-Control": "no-store", "Content-Language": language, "Vary": "Accept-Language"},
        )

    def add(name: str, content_type: str) -> None:
        body = (STATIC / name).read_text(encoding="utf-8")

        async def send(request: Request) -> HTTPResponse:
            return response.text(body, content_type=f"{content_type}; charset=utf-8")

        site.add_route(send, f"/{name}", name=name)

    for name, content_type in FILES.items():
        add(name, content_type)

    @site.get("/health")
    async def health(request: Request) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        model = agent.model_id if agent else None
        if not model:
            return response.json({"status": "starting"}, status=503, headers={"Cache-Control": "no-store"})
        return response.json({"status": "ok", "model": model}, headers={"Cache-Control": "no-store"})

    async def secure(request: Request, answer: HTTPResponse) -> None:
        answer.headers.update(headers)
        # Style and script change with a release: the browser asks each time.
        answer.headers.setdefault("Cache-Control", "no-cache")

    site.on_response(secure)
    return site
