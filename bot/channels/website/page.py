"""The page on which people write, the loader that other sites include, and the liveness check.

The page is one document: its style, its script and all its words are inside, so that one answer
of the server is enough on a bad network and nothing is left in a cache. Its policy names the style
and the script by their hashes. The script is built from widget/ (docs/widget.md).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from pathlib import Path
from string import Template
from typing import Any

from sanic import Blueprint, HTTPResponse, Request, response

from bot.channels.website.boot import boot_of
from bot.channels.website.channel import allowed_origins, catalogue_of
from bot.channels.website.events import preferred_language
from bot.content import LANGUAGES, Catalogue
from bot.errors import ReplyError, SettingsError
from bot.settings import ROOT, Settings, load_settings

STATIC = Path(__file__).parent / "static"
BUILT = ROOT / "widget" / "dist"

#: While the archive is being loaded the page has no words: the browser tries again by itself.
STARTING = {"Retry-After": "3", "Refresh": "3"}

#: Nothing of a visit stays in the browser.
NO_STORE = {"Cache-Control": "no-store"}


class Page:
    """Makes the page in each language from a catalogue and the built script."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._template = Template((STATIC / "index.html").read_text(encoding="utf-8"))
        self._style, self._script = built("style.css"), built("page.js")
        self._catalogue: Catalogue | None = None
        self._made: dict[tuple[str, bool], bytes] = {}

    def policy(self, ancestors: str) -> str:
        """Return the page's Content-Security-Policy; `ancestors` are the sites that may frame it."""
        # Older Safari does not count WebSockets of the same host as 'self'.
        sockets = " ".join(o.replace("http", "ws", 1) for o in allowed_origins(self._settings))
        return "; ".join(
            [
                "default-src 'none'",
                f"script-src {_hash(self._script)}",
                f"style-src {_hash(self._style)}",
                f"connect-src 'self' {sockets}",
                "img-src data:",
                "worker-src 'self'",
                "form-action 'none'",
                "base-uri 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types conoce",
                f"frame-ancestors {ancestors}",
            ]
        )

    def render(self, catalogue: Catalogue, language: str, framed: bool) -> bytes:
        """Return the whole document, compressed; made once for each archive."""
        if catalogue is not self._catalogue:
            self._catalogue, self._made = catalogue, {}
        key = language, framed
        if key not in self._made:
            self._made[key] = self._render(catalogue, language, framed)
        return self._made[key]

    def _render(self, catalogue: Catalogue, language: str, framed: bool) -> bytes:
        settings = self._settings
        boot = boot_of(
            catalogue, settings.operator, settings.retention_days, language, framed, settings.exit_url
        )
        texts = boot["texts"][language]
        text = self._template.substitute(
            language=language,
            title=html.escape(texts["page_tab"]),
            heading=html.escape(texts["page_title"]),
            no_script=html.escape(texts["system_trouble"]),
            situations="\n".join(_as_html(each, language) for each in boot["situations"]),
            # Inside a script element only "<" could end the block or open a comment.
            boot=json.dumps(boot, ensure_ascii=False).replace("<", "\\u003c"),
            style=self._style,
            script=self._script,
        )
        return gzip.compress(text.encode("utf-8"))


def built(name: str) -> str:
    """Return a file that the widget's build made. Raises SettingsError when it was not built."""
    try:
        return (BUILT / name).read_text(encoding="utf-8")
    except OSError:
        raise SettingsError(f"widget/dist/{name} is missing: build the page with `make setup`.") from None


def security_headers(policy: str) -> dict[str, str]:
    """Return the headers of every response."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }


#: The policy of all that is no page.
PLAIN_POLICY = "default-src 'none'; frame-ancestors 'none'"


def blueprint(settings: Settings | None = None) -> Blueprint:
    """Return the blueprint with `/`, `/frame`, `/keep`, `/widget.js`, `/sw.js` and `/health`.

    Raises SettingsError when the widget is not built.
    """
    settings = settings or load_settings()
    site = Blueprint("website_page")
    page = Page(settings)
    files = {"sw.js": built("sw.js"), "widget.js": built("widget.js")}
    own, framed = page.policy("'none'"), page.policy(" ".join(settings.sites) or "'none'")

    def send(request: Request, in_frame: bool) -> HTTPResponse:
        language = request.args.get("lang")
        if language not in LANGUAGES:
            language = preferred_language(request.headers.get("accept-language"))
        try:
            body = page.render(catalogue_of(request.app), language, in_frame)
        except ReplyError:
            return response.text("", status=503, headers=STARTING)
        headers = {
            "Content-Language": language,
            "Vary": "Accept-Language",
            "Content-Security-Policy": framed if in_frame else own,
        }
        return _compressed(request, body, "text/html; charset=utf-8", headers)

    @site.get("/")
    async def whole(request: Request) -> HTTPResponse:
        return send(request, in_frame=False)

    @site.get("/frame")
    async def frame(request: Request) -> HTTPResponse:
        return send(request, in_frame=True)

    @site.get("/keep")
    async def keep(request: Request) -> HTTPResponse:
        return send(request, in_frame=False)

    @site.get("/widget.js")
    async def loader(request: Request) -> HTTPResponse:
        try:
            words = _loader_words(catalogue_of(request.app))
        except ReplyError:
            return response.text("", status=503, headers=STARTING)
        text = files["widget.js"].replace("__WORDS__", json.dumps(json.dumps(words))[1:-1])
        body = gzip.compress(text.encode("utf-8"))
        headers = {"Cross-Origin-Resource-Policy": "cross-origin"}
        return _compressed(request, body, "text/javascript; charset=utf-8", headers)

    @site.get("/sw.js")
    async def worker(request: Request) -> HTTPResponse:
        policy = "default-src 'none'; connect-src 'self'"
        return response.text(
            files["sw.js"],
            content_type="text/javascript; charset=utf-8",
            headers={"Content-Security-Policy": policy},
        )

    @site.get("/health")
    async def health(request: Request) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        model = agent.model_id if agent else None
        if not model:
            return response.json({"status": "starting"}, status=503)
        return response.json({"status": "ok", "model": model})

    async def secure(request: Request, answer: HTTPResponse) -> None:
        for name, value in {**security_headers(PLAIN_POLICY), **NO_STORE}.items():
            answer.headers.setdefault(name, value)

    site.on_response(secure)
    return site


def _compressed(request: Request, body: bytes, content_type: str, headers: dict[str, str]) -> HTTPResponse:
    """Return a compressed body, unpacked for the few clients that do not take gzip."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = {**headers, "Content-Encoding": "gzip"}
    else:
        body = gzip.decompress(body)
    return response.raw(body, content_type=content_type, headers=headers)


def _loader_words(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    keys = ("open", "close", "frame")
    return {code: {key: catalogue.phrase(f"page_widget_{key}", code) for key in keys} for code in LANGUAGES}


def _hash(text: str) -> str:
    """Return the source expression of an inline script or style (CSP Level 3)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


def _as_html(situation: dict[str, Any], language: str) -> str:
    """Return first steps for browsers without scripts."""
    steps = "".join(f"<p>{html.escape(line)}</p>" for line in situation["body"][language].splitlines())
    return f"<details><summary>{html.escape(situation['title'][language])}</summary>{steps}</details>"
