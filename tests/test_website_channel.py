"""The website over the wire: a real server, real clients, a stand-in for the agent."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import hashlib
import html
import json
import logging
import re
import socket
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import socketio
from rasa.core.channels import channel as rasa_channel
from rasa.core.channels.channel import UserMessage
from sanic import Sanic
from sanic.touchup import TouchUp

from bot.channels.limits import RateLimit
from bot.channels.website import WebsiteChannel, boot, issue, page, verify
from bot.channels.website.channel import allowed_origins
from bot.channels.website.events import preferred_language
from bot.content import Catalogue
from bot.errors import SettingsError, StorageError
from bot.replies import TOPICS
from bot.settings import Settings, load_settings
from bot.storage.database import Database

pytestmark = pytest.mark.asyncio

# Rasa holds aiohttp below 3.10, which takes the timeout as a number; python-engineio's client (used
# in tests only) asks for the class that came later.
if not hasattr(aiohttp, "ClientWSTimeout"):
    vars(aiohttp)["ClientWSTimeout"] = lambda ws_close: ws_close

SECRET = "a secret for tests, long enough to sign with"
DAY = 24 * 60 * 60

PAGE = ("page_tab", "page_title", "page_widget_open", "page_widget_close", "page_widget_frame")
TOPIC_TEXTS = tuple(f"topic_{topic}" for topic in TOPICS)
TEXTS = {
    key: {"en": f"{key} in English", "es": f"{key} en español"} for key in (*boot.TEXTS, *PAGE, *TOPIC_TEXTS)
}
TEXTS["first_contact"] = {"en": "{operator} runs me.", "es": "Me maneja {operator}."}
TEXTS["operator_unnamed"] = {"en": "somebody", "es": "alguien"}
TEXTS["page_title"] = {"en": "Rights & <you>", "es": "Derechos"}
CATALOGUE = Catalogue(entries={}, texts=TEXTS)

TROUBLE = TEXTS["system_trouble"]
TOO_LONG = TEXTS["too_long"]
CONOCE = {"language": "es", "lang": "es", "dir": "ltr", "body": "uno", "sources": [], "notes": []}
BUTTON = {"title": "Sí", "payload": "sí"}


class FakeAgent:
    """Repeats what it hears; fails or is silent on demand."""

    def __init__(self, database: Database) -> None:
        self.model_id: str | None = "model-1"
        self.nlg = SimpleNamespace(catalogue=CATALOGUE)
        self.heard: list[UserMessage] = []
        self.tracker_store = SimpleNamespace(database=database)

    def names_of(self, channel: str, sender: str) -> tuple[str, ...]:
        return (f"hash of {sender}"[:64],)

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        if message.text == "slow":
            await asyncio.sleep(0.3)
        if message.text == "fail":
            raise StorageError("the database said: my name is Rosa")
        if message.text == "silence":
            return
        reply = {
            "text": message.text,
            "buttons": [BUTTON],
            "conoce": CONOCE,
            "image": None,
            "utter_action": "utter_x",
        }
        await message.output_channel.send_response("hashed sender", reply)
        if delivery := message.metadata.get("delivery"):
            turn = {**TURN, "timestamp": time.time(), "delivery": delivery}
            self.tracker_store.database.append(
                self.names_of("website", message.sender_id)[0], {}, [], [turn], delivery=(delivery, [reply])
            )


TURN = {
    "channel": "website",
    "language": "es",
    "detected": "es",
    "decision": "answer",
    "intent": "faq/x",
    "confidence": 1.0,
    "candidates": "[]",
    "redacted": "",
}


class Visitor:
    """A browser: a real Socket.IO client that keeps what it receives."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sio = socketio.AsyncClient(reconnection=False)
        self.received: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        for event in ("session_confirm", "bot_uttered", "error"):
            self.sio.on(event, self._keeper(event))

    def _keeper(self, event: str) -> Any:
        async def keep(data: Any) -> None:
            await self.received.put((event, data))

        return keep

    async def connect(self, **kwargs: Any) -> Visitor:
        await self.sio.connect(self.url, **{"transports": ["websocket"], **kwargs})
        return self

    async def next(self) -> tuple[str, Any]:
        return await asyncio.wait_for(self.received.get(), 5)

    async def session(self, token: Any = None) -> str:
        await self.sio.emit("session_request", {"session_id": token} if token is not None else {})
        event, data = await self.next()
        assert event == "session_confirm"
        return str(data["session_id"])

    async def ask(self, event: str, data: Any) -> Any:
        return await self.sio.call(event, data, timeout=5)

    async def say(self, text: Any, **more: Any) -> tuple[str, Any]:
        await self.sio.emit("user_uttered", {"message": text, **more})
        return await self.next()


@dataclasses.dataclass
class Site:
    """A running server."""

    url: str
    app: Sanic
    agent: FakeAgent
    settings: Settings
    now: float
    visitors: list[Visitor]

    async def visitor(self, **kwargs: Any) -> Visitor:
        visitor = Visitor(self.url)
        self.visitors.append(visitor)
        return await visitor.connect(**kwargs)

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        async with (
            aiohttp.ClientSession() as http,
            http.get(self.url + path, headers=headers) as answer,
        ):
            return answer, await answer.text()


@pytest_asyncio.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    # Sanic rewrites its own methods at the start to save time; it can do that once a process.
    if getattr(Sanic, "__touched__", False):
        monkeypatch.setattr(TouchUp, "run", lambda app: None)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = load_settings(
        {"CONOCE_SECRET": SECRET, "CONOCE_PORT": str(port), "CONOCE_DATA": str(tmp_path)}
    )
    app = Sanic(f"test_{uuid.uuid4().hex}", configure_logging=False)
    agent = FakeAgent(Database(settings.database_url))
    site = Site(f"http://127.0.0.1:{port}", app, agent, settings, 1_795_000_000.0, [])
    rasa_channel.register([WebsiteChannel(settings, clock=lambda: site.now)], app, route="/webhooks/")
    app.blueprint(page.blueprint(settings))
    app.ctx.agent = site.agent
    server = await app.create_server(
        host="127.0.0.1", port=port, return_asyncio_server=True, access_log=False
    )
    assert server is not None
    await server.startup()
    yield site
    for visitor in site.visitors:
        # A client that polls would wait until its last poll ends, which can take half a minute.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(visitor.sio.disconnect(), 0.5)
    server.close()
    await server.wait_closed()


# Sessions


async def test_the_server_issues_a_session_and_takes_it_up_again(site: Site) -> None:
    first = await site.visitor()
    token = await first.session()
    await first.say("one")
    again = await site.visitor()
    assert await again.session(token) == token
    await again.say("two")
    assert {m.sender_id for m in site.agent.heard} == {verify(SECRET, token, site.now)}


@pytest.mark.parametrize(
    "claimed",
    [
        "0123456789abcdef",  # an id that the client made up
        issue("another secret for tests, long enough", 1_795_000_000),  # forged
        issue(SECRET, 1_795_000_000 - DAY),  # expired
        "",  # empty
        17,  # not even a text
        {"id": 1},  # an object
    ],
    ids=["own", "forged", "expired", "empty", "number", "object"],
)
async def test_any_other_session_id_gets_a_fresh_one(site: Site, claimed: Any) -> None:
    visitor = await site.visitor()
    token = await visitor.session(claimed)
    assert token != claimed
    await visitor.say("hello")
    assert site.agent.heard[0].sender_id == verify(SECRET, token, site.now) != claimed


async def test_the_id_inside_a_token_does_not_open_its_session(site: Site) -> None:
    owner, thief = await site.visitor(), await site.visitor()
    session = verify(SECRET, await owner.session(), site.now)
    await thief.session(session)
    await owner.say("for me only")
    assert thief.received.empty()


@pytest.mark.parametrize("kind", ["forged", "expired", "another session's"])
async def test_a_message_with_a_wrong_token_does_not_count(site: Site, kind: str) -> None:
    visitor = await site.visitor()
    await visitor.session()
    token = {
        "forged": "abc.def.ghi",
        "expired": issue(SECRET, site.now - DAY),
        "another session's": issue(SECRET, site.now),
    }[kind]
    assert await visitor.say("hello", session_id=token) == (
        "error",
        {"code": "session", "text": TROUBLE["en"]},
    )
    assert not site.agent.heard


async def test_without_a_session_a_message_does_not_count(site: Site) -> None:
    visitor = await site.visitor()
    event, data = await visitor.say("hello", session_id=issue(SECRET, site.now))
    assert (event, data["code"]) == ("error", "session")
    assert not site.agent.heard


async def test_a_stolen_token_hears_nothing_of_what_its_owner_is_told(site: Site) -> None:
    owner, thief = await site.visitor(), await site.visitor()
    await thief.session(await owner.session())
    await owner.say("for me only")
    await owner.ask("user_uttered", {"message": "and me", "id": ID})
    assert thief.received.empty()


@pytest.mark.parametrize(
    ("claimed", "taken"),
    [
        (issue(SECRET, 1_795_000_000), True),  # ours
        (issue("another secret for tests, long enough", 1_795_000_000), False),  # forged
        (issue(SECRET, 1_795_000_000 - DAY), False),  # expired
        ("", False),  # none yet
        (7, False),  # not a text
        ({"a": 1}, False),  # an object
    ],
    ids=["own", "forged", "expired", "none", "number", "object"],
)
async def test_a_session_can_come_with_the_connection(site: Site, claimed: Any, taken: bool) -> None:
    visitor = await site.visitor(auth={"session_id": claimed})
    event, data = await visitor.next()
    assert event == "session_confirm"
    assert (data["session_id"] == claimed) is taken
    assert (await visitor.say("hello"))[0] == "bot_uttered"


# Messages with an id

ID = "0123456789abcdef"


async def test_a_message_with_an_id_is_answered_in_its_acknowledgement(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.session()
    answer = await visitor.ask("user_uttered", {"message": "hola", "id": ID})
    assert answer == {"replies": [{"text": "hola", "buttons": [BUTTON], "conoce": CONOCE}]}
    assert visitor.received.empty()


async def test_a_message_that_comes_again_gets_the_same_replies_and_is_processed_once(site: Site) -> None:
    visitor = await site.visitor()
    token = await visitor.session()
    first = await visitor.ask("user_uttered", {"message": "hola", "id": ID})
    again = await site.visitor(auth={"session_id": token})
    await again.next()
    assert await again.ask("user_uttered", {"message": "hola", "id": ID}) == first
    assert len(site.agent.heard) == 1
    await again.ask("user_uttered", {"message": "hola", "id": ID + "1"})
    assert len(site.agent.heard) == 2


async def test_a_repeat_waits_for_the_first(site: Site) -> None:
    visitor = await site.visitor()
    token = await visitor.session()
    again = await site.visitor(auth={"session_id": token})
    await again.next()
    data = {"message": "slow", "id": ID}
    one, two = await asyncio.gather(visitor.ask("user_uttered", data), again.ask("user_uttered", data))
    assert one == two
    assert len(site.agent.heard) == 1


async def test_an_id_counts_in_its_own_session_only(site: Site) -> None:
    one, two = await site.visitor(), await site.visitor()
    await one.session()
    await two.session()
    for visitor, text in ((one, "one"), (two, "two")):
        answer = await visitor.ask("user_uttered", {"message": text, "id": ID})
        assert answer["replies"][0]["text"] == text


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("user_uttered", {"message": "a", "id": 7}),  # a number
        ("user_uttered", {"message": "a", "id": "short"}),  # another message would have it too
        ("user_uttered", {"message": "a", "id": "x" * 65}),  # too long for the table
        ("user_uttered", {"message": "a", "id": "<script>alert(1)</script>"}),  # markup
        ("user_rated", {"id": ID, "rating": "great"}),  # no such rating
        ("user_rated", {"id": ID, "rating": ["helped"]}),  # a list
        ("user_rated", {"rating": "helped"}),  # of what?
        ("user_rated", "helped"),  # a bare text
        ("user_erased", "all"),  # a bare text
    ],
)
async def test_malformed_events_say_so_in_their_acknowledgement(site: Site, event: str, data: Any) -> None:
    visitor = await site.visitor()
    await visitor.session()
    error = {"code": "malformed", "text": TROUBLE["en"]}
    assert await visitor.ask(event, data) == {"error": error}
    assert await visitor.next() == ("error", error)


@pytest.mark.parametrize("event", ["user_uttered", "user_rated", "user_erased"])
async def test_without_a_session_nothing_is_done(site: Site, event: str) -> None:
    visitor = await site.visitor()
    answer = await visitor.ask(event, {"message": "a", "id": ID, "rating": "helped"})
    assert answer["error"]["code"] == "session"


async def test_an_answer_is_rated_by_the_session_that_got_it(site: Site) -> None:
    owner, other = await site.visitor(), await site.visitor()
    await owner.session()
    await other.session()
    await owner.ask("user_uttered", {"message": "hola", "id": ID})
    rated = {"id": ID, "rating": "outdated"}
    assert await other.ask("user_rated", rated) == {"noted": False}
    assert await owner.ask("user_rated", rated) == {"noted": True}


async def test_deletion_leaves_nothing_of_the_conversation(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.session()
    await visitor.ask("user_uttered", {"message": "zanahoriaverde", "id": ID})
    assert await visitor.ask("user_erased", {}) == {"erased": True}
    kept = [p.name for p in site.settings.data.iterdir() if b"zanahoriaverde" in p.read_bytes()]
    assert kept == []
    assert await visitor.ask("user_rated", {"id": ID, "rating": "helped"}) == {"noted": False}


async def test_a_hundred_messages_a_second_are_refused_and_others_are_served(site: Site) -> None:
    greedy, other = await site.visitor(), await site.visitor()
    await greedy.session()
    await other.session()
    sent = [greedy.ask("user_uttered", {"message": "x", "id": f"{n:016}"}) for n in range(100)]
    answers = await asyncio.gather(*sent)
    assert sum("replies" in answer for answer in answers) == 30
    assert {a["error"]["code"] for a in answers if "error" in a} == {"rate"}
    assert (await other.say("hello"))[0] == "bot_uttered"


# Messages


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
async def test_ordinary_clients_get_the_usual_events(site: Site, transports: list[str]) -> None:
    visitor = await site.visitor(transports=transports)
    token = await visitor.session()
    reply = await visitor.say("hola", session_id=token, metadata={"language": "es"}, customData={"x": 1})
    quick_reply = {"content_type": "text", **BUTTON}
    whole = {"text": "hola", "buttons": [BUTTON], "quick_replies": [quick_reply], "conoce": CONOCE}
    assert reply == ("bot_uttered", whole)  # and nothing of the inside, such as utter_action
    message = site.agent.heard[0]
    assert (message.input_channel, message.metadata) == ("website", {"language": "es"})
    assert message.output_channel.name() == "website"


@pytest.mark.parametrize(
    "text",
    [
        "¡Está aquí la migra! ¿Qué hago, señor? 🙏🏽👨‍👩‍👧",  # A2: stock channels break "¡"
        "first line\n\nsecond line",  # nothing is split
        "<b>bold</b> & {name} \\n",  # nothing is interpreted
        "x" * 5000,  # just short enough
        "🙂" * 5000,  # characters count, not bytes
    ],
    ids=["spanish and emoji", "two lines", "markup", "long", "long emoji"],
)
async def test_texts_pass_unharmed(site: Site, text: str) -> None:
    visitor = await site.visitor()
    await visitor.session()
    assert (await visitor.say(text))[1]["text"] == text


async def test_half_an_emoji_and_nul_do_not_reach_the_database(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.session()
    assert (await visitor.say("a\ud83db\0c"))[1]["text"] == "a?bc"


async def test_an_empty_message_is_for_the_agent_to_answer(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.session()
    await visitor.say("")
    assert site.agent.heard[0].text == ""


@pytest.mark.parametrize(
    ("event", "data", "code", "text"),
    [
        ("user_uttered", (), "malformed", TROUBLE),  # nothing at all
        ("user_uttered", None, "malformed", TROUBLE),  # null
        ("user_uttered", "hola", "malformed", TROUBLE),  # a bare text
        ("user_uttered", ["hola"], "malformed", TROUBLE),  # a list
        ("user_uttered", 7, "malformed", TROUBLE),  # a number
        ("user_uttered", b"hola", "malformed", TROUBLE),  # a binary attachment
        ("user_uttered", ({"message": "a"}, {"message": "b"}), "malformed", TROUBLE),  # two at once
        ("user_uttered", {}, "malformed", TROUBLE),  # no message
        ("user_uttered", {"message": None}, "malformed", TROUBLE),  # null message
        ("user_uttered", {"message": {"text": "hola"}}, "malformed", TROUBLE),  # an object as message
        ("user_uttered", {"message": ["hola"]}, "malformed", TROUBLE),  # a list as message
        ("user_uttered", {"message": b"hola"}, "malformed", TROUBLE),  # bytes as message
        ("user_uttered", {"message": "a", "session_id": 7}, "malformed", TROUBLE),  # a number as token
        ("user_uttered", {"message": "a", "metadata": "{"}, "malformed", TROUBLE),  # broken JSON in JSON
        ("user_uttered", {"message": "a", "metadata": []}, "malformed", TROUBLE),  # a list as metadata
        ("user_uttered", {"message": "a", "metadata": {"language": ["es"]}}, "malformed", TROUBLE),  # a list
        ("user_uttered", {"message": "x" * 5001}, "too_long", TOO_LONG),  # a character too many
        ("session_request", "abc", "malformed", TROUBLE),  # a bare id
        ("session_request", [1], "malformed", TROUBLE),  # a list
        ("restart", {}, "malformed", TROUBLE),  # an event that does not exist
    ],
)
async def test_malformed_events_are_answered(
    site: Site, event: str, data: Any, code: str, text: dict[str, str]
) -> None:
    visitor = await site.visitor(headers={"Accept-Language": "es-MX"})
    await visitor.session()
    await visitor.sio.emit(event, data)
    assert await visitor.next() == ("error", {"code": code, "text": text["es"]})
    assert not site.agent.heard
    assert (await visitor.say("still there?"))[0] == "bot_uttered"


@pytest.mark.parametrize(
    ("metadata", "passed"),
    [
        (None, {}),  # ordinary clients send null
        ({}, {}),  # or nothing in it
        ({"language": None}, {}),  # not chosen
        ({"language": "fr"}, {}),  # a language without texts
        ({"language": "en", "admin": True}, {"language": "en"}),  # what we do not know is dropped
    ],
)
async def test_of_the_metadata_only_a_known_language_is_passed_on(
    site: Site, metadata: Any, passed: dict[str, str]
) -> None:
    visitor = await site.visitor()
    await visitor.session()
    await visitor.say("hello", metadata=metadata)
    assert site.agent.heard[0].metadata == passed


@pytest.mark.parametrize("size", [70_000, 1_000_000])  # a little too much, and a megabyte
async def test_a_message_beyond_the_buffer_ends_the_connection_and_nothing_else(
    site: Site, size: int
) -> None:
    greedy, other = await site.visitor(), await site.visitor()
    await greedy.session()
    await other.session()
    await greedy.sio.emit("user_uttered", {"message": "x" * size})
    await asyncio.wait_for(greedy.sio.wait(), 5)
    assert not site.agent.heard
    assert (await other.say("hello"))[0] == "bot_uttered"


@pytest.mark.parametrize("packet", ["42", "42[", '42{"a":1}', "42[]", "42[7]", "4", "49", "99", "451-[]"])
async def test_broken_packets_do_not_harm_the_server(site: Site, packet: str) -> None:
    async with aiohttp.ClientSession() as http:
        path = "/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(site.url + path) as ws:
            await ws.receive_str(timeout=5)
            await ws.send_str("40")
            await ws.receive_str(timeout=5)
            await ws.send_str(packet)
    visitor = await site.visitor()
    await visitor.session()
    assert (await visitor.say("hello"))[0] == "bot_uttered"


# Limits and faults


async def test_thirty_messages_a_minute_and_a_new_session_does_not_lift_that(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.session()
    events = [(await visitor.say("hello"))[0] for _ in range(30)]
    assert events == ["bot_uttered"] * 30
    await visitor.session()
    refused = await visitor.say("hello", metadata={"language": "es"})
    assert refused == ("error", {"code": "rate", "text": TROUBLE["es"]})
    other = await site.visitor()
    await other.session()
    assert (await other.say("hello"))[0] == "bot_uttered"


async def test_the_limit_follows_a_session_to_another_tab(site: Site) -> None:
    one, two = await site.visitor(), await site.visitor()
    await two.session(await one.session())
    for _ in range(30):
        await one.say("hello")
    assert (await two.say("hello"))[1]["code"] == "rate"


async def test_tokens_come_back_with_time_and_rested_buckets_are_forgotten() -> None:
    now = 1000.0
    limit = RateLimit(per_minute=30, clock=lambda: now)
    assert [limit.allow("a") for _ in range(31)] == [True] * 30 + [False]
    now += 2
    assert [limit.allow("a") for _ in range(2)] == [True, False]
    now += 61
    limit.allow("b")
    assert list(limit._buckets) == ["b"]


@pytest.mark.parametrize("text", ["fail", "silence"])  # an exception, and an agent that says nothing
@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_fault_is_answered_with_first_steps(
    site: Site, text: str, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = await site.visitor()
    await visitor.session()
    with caplog.at_level(logging.DEBUG, "bot"):
        reply = await visitor.say(text, metadata={"language": language})
    assert reply == ("error", {"code": "trouble", "text": TROUBLE[language]})
    assert "Rosa" not in caplog.text
    assert ("StorageError" in caplog.text) == (text == "fail")


async def test_before_the_archive_is_loaded_there_is_an_error_without_words(site: Site) -> None:
    site.agent.model_id = None
    visitor = await site.visitor()
    assert await visitor.say("hello") == ("error", {"code": "session", "text": ""})


# Origins


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("http://localhost:{port}", True),  # as `make run` prints it
        ("http://127.0.0.1:{port}", True),  # as some type it
        (None, True),  # not a browser
        ("https://evil.example", False),  # another site
        ("http://localhost:{port}.evil.example", False),  # looks like ours
        ("http://localhost:1", False),  # another program of this machine
        ("https://localhost:{port}", False),  # another scheme
        ("null", False),  # a sandboxed frame or a file
    ],
)
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_pages_of_other_origins_are_refused(
    site: Site, origin: str | None, welcome: bool, transport: str
) -> None:
    port = site.settings.port
    headers = {"Origin": origin.format(port=port)} if origin else {}
    if welcome:
        assert await (await site.visitor(headers=headers, transports=[transport])).session()
    else:
        with pytest.raises(socketio.exceptions.ConnectionError):
            await site.visitor(headers=headers, transports=[transport])


async def test_in_production_only_the_public_address_counts(site: Site) -> None:
    settings = dataclasses.replace(site.settings, env="production", public_url="https://Ask.Example.org/help")
    assert allowed_origins(settings) == ["https://ask.example.org"]


# The page


@pytest.mark.parametrize(
    ("path", "accept", "language"),
    [
        ("/", "", "en"),  # nothing asked
        ("/", "es", "es"),  # by the browser
        ("/", "es-MX,es;q=0.9,en;q=0.8", "es"),  # a Mexican phone
        ("/", "en;q=0.5, es;q=0.9", "es"),  # by weight, not by place
        ("/", "pt-BR,fr;q=0.8", "en"),  # neither
        ("/", "es;q=0, en;q=x, ,;", "en"),  # refused, broken, empty
        ("/?lang=es", "en-US", "es"),  # the address wins
        ("/?lang=en", "es", "en"),  # both ways
        ("/?lang=<script>", "es", "es"),  # not a language
    ],
)
async def test_the_page_speaks_the_language_asked_for(
    site: Site, path: str, accept: str, language: str
) -> None:
    answer, text = await site.get(path, **{"Accept-Language": accept})
    assert (answer.status, answer.headers["Content-Language"]) == (200, language)
    assert f'<html lang="{language}">' in text
    assert html.escape(TEXTS["page_title"][language]) in text
    assert boot_in(text)["language"] == language


def boot_in(document: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', document, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


async def test_the_page_carries_both_languages_and_names_its_operator(site: Site) -> None:
    boot_data = boot_in((await site.get("/"))[1])
    assert boot_data["texts"]["en"]["first_contact"] == "somebody runs me."
    assert boot_data["texts"]["es"]["first_contact"] == "Me maneja alguien."
    assert boot_data["texts"]["en"]["page_title"] == "Rights & <you>"
    assert len(boot_data["topics"]) == len(TOPICS)


async def test_the_policy_allows_this_style_and_this_script_and_nothing_else(site: Site) -> None:
    answer, text = await site.get("/")
    policy = answer.headers["Content-Security-Policy"]
    for tag in ("style", "script"):
        [inline] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy
    assert f"connect-src 'self' ws://localhost:{site.settings.port} " in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("sites", "ancestors"),
    [
        ((), "'none'"),  # nobody
        (("https://a.example", "https://b.example"), "https://a.example https://b.example"),
    ],
)
async def test_only_named_sites_may_frame_the_page(
    site: Site, sites: tuple[str, ...], ancestors: str
) -> None:
    settings = dataclasses.replace(site.settings, sites=sites)
    assert page.Page(settings).policy(" ".join(sites) or "'none'").endswith(f"frame-ancestors {ancestors}")
    own, _ = await site.get("/")
    assert own.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    framed, _ = await site.get("/frame")
    assert framed.headers["Content-Security-Policy"].endswith(" ".join(site.settings.sites))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/frame", "text/html"),
        ("/keep", "text/html"),
        ("/widget.js", "text/javascript"),
        ("/sw.js", "text/javascript"),
        ("/health", "application/json"),
    ],
)
async def test_every_response_is_typed_and_leaves_nothing_behind(site: Site, path: str, kind: str) -> None:
    answer, _ = await site.get(path)
    assert (answer.status, answer.content_type) == (200, kind)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/widget.js"])
async def test_clients_without_gzip_are_served_too(site: Site, path: str) -> None:
    packed, text = await site.get(path)
    plain, same = await site.get(path, **{"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert text == same


async def test_the_loader_carries_its_words(site: Site) -> None:
    _, text = await site.get("/widget.js")
    assert "__WORDS__" not in text
    assert "page_widget_open en espa" in text


async def test_scripts_keep_nothing_and_make_no_html(site: Site) -> None:
    text = "".join([(await site.get(path))[1] for path in ("/", "/widget.js")])
    assert not re.findall(r"(?:src|href)=\"(?!/|data:,)", text)
    for word in ("localStorage", "sessionStorage", "document.cookie", "eval("):
        assert word not in text


async def test_without_its_build_the_server_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "BUILT", Path("/nowhere"))
    with pytest.raises(SettingsError, match="make setup"):
        page.blueprint(load_settings({"CONOCE_SECRET": SECRET}))


async def test_health_and_page_before_and_after_the_archive_is_loaded(site: Site) -> None:
    del site.app.ctx.agent  # not yet made
    answer, text = await site.get("/health")
    assert (answer.status, json.loads(text)) == (503, {"status": "starting"})
    site.app.ctx.agent, site.agent.model_id = site.agent, None  # made, nothing loaded
    answer, text = await site.get("/health")
    assert (answer.status, json.loads(text)) == (503, {"status": "starting"})
    answer, text = await site.get("/")
    assert (answer.status, answer.headers["Refresh"], text) == (503, "3", "")
    site.agent.model_id = "model-1"
    answer, text = await site.get("/health")
    assert (answer.status, json.loads(text)) == (200, {"status": "ok", "model": "model-1"})


async def test_languages_are_told_from_a_missing_header() -> None:
    assert preferred_language(None) == "en"
