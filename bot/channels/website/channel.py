"""The Socket.IO channel of the website.

Speaks the protocol of Rasa's own channel (`session_request`, `user_uttered`, `bot_uttered`), so that
ordinary clients work, and mends what that one leaves open (docs/decisions/004-own-channels.md):
the server issues the session ids, pages of other origins are refused, every event is checked,
limited and answered. What cannot be answered goes back as `error` {code, text}; no event is met
with silence or a stack trace.

A message with an `id` is answered in the acknowledgement of its event, {replies} or {error}, after
it was stored; when it comes again, because a connection was lost, it gets the same replies and is
processed once (docs/decisions/014-widget.md). Such clients also have `user_rated` {id, rating} and
`user_erased`.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.channels.socketio import SocketBlueprint
from sanic import Blueprint, Sanic
from sanic.server.websockets.frame import WebsocketFrameAssembler
from socketio import AsyncServer

from bot.agent import Collected, ConoceAgent
from bot.channels.limits import RateLimit
from bot.channels.website.events import (
    MALFORMED,
    NO_SESSION,
    TOO_LONG,
    TOO_MANY,
    TROUBLE,
    EventError,
    Utterance,
    preferred_language,
    read_mapping,
    read_rating,
    read_utterance,
)
from bot.channels.website.session import SessionError, issue, verify
from bot.content import LANGUAGES, Catalogue
from bot.errors import ReplyError
from bot.settings import Settings, load_settings
from bot.storage.database import Database
from bot.storage.tracker_store import DELIVERY

logger = logging.getLogger(__name__)

NAME = "website"
SOCKET_PATH = "/socket.io"

MAX_EVENT_BYTES = 64 * 1024

MESSAGES_PER_MINUTE = 30

_FIELDS = ("text", "buttons", "conoce")

#: What an event's acknowledgement carries.
Answer = dict[str, Any] | None


def catalogue_of(app: Sanic) -> Catalogue:
    """Return the texts of the archive that the server has loaded.

    Raises ReplyError before there is one.
    """
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.model_id:
        raise ReplyError("No archive is loaded yet: wait for the start, or train with `conoce train`.")
    catalogue: Catalogue = agent.nlg.catalogue
    return catalogue


def allowed_origins(settings: Settings) -> list[str]:
    """Return the origins (RFC 6454) whose pages may talk to the assistant."""
    url = urlsplit(settings.public_url.lower())
    origins = [f"{url.scheme}://{url.netloc}"]
    if not settings.production:
        origins += [f"http://{host}:{settings.port}" for host in ("localhost", "127.0.0.1")]
    return list(dict.fromkeys(origins))


def mend_websockets() -> None:
    """Make the WebSockets of Sanic 21.12 work on Python 3.11.

    Sanic hands the coroutine `get()` to `asyncio.wait`, which takes only tasks since 3.11: every
    WebSocket closed at its first message. Sanic 22 does not need this; Rasa 3.6 needs Sanic 21.12.
    """
    get = WebsocketFrameAssembler.get
    if inspect.iscoroutinefunction(get):

        def get_in_task(self: WebsocketFrameAssembler, timeout: float | None = None) -> asyncio.Task[Any]:
            return asyncio.ensure_future(get(self, timeout))

        WebsocketFrameAssembler.get = get_in_task  # type: ignore[method-assign,assignment]


class WebsiteChannel(InputChannel):
    """Takes messages from browsers; mounted at /socket.io, whatever the prefix."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        mend_websockets()
        self._secret = settings.secret
        self._clock = clock
        self._limit = RateLimit(MESSAGES_PER_MINUTE)
        # The lock of a session goes when nobody holds it.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._sio = AsyncServer(
            async_mode="sanic",
            cors_allowed_origins=allowed_origins(settings),
            max_http_buffer_size=MAX_EVENT_BYTES,
        )
        self._blueprint = SocketBlueprint(self._sio, SOCKET_PATH, "website_socket", __name__)

    @classmethod
    def name(cls) -> str:
        """The channel's name."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> WebsiteChannel:
        """Make the channel from the settings; credentials.yml has nothing to add."""
        return cls(load_settings())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the blueprint that mounts the Socket.IO server and its handlers."""
        self._on_new_message = on_new_message

        def answer(event: str, handler: Callable[[str, tuple[Any, ...]], Awaitable[Answer]]) -> None:
            async def handle(sid: str, *data: Any) -> Answer:
                return await self._answering(sid, data, handler)

            self._sio.on(event, handle)

        self._sio.on("connect", self._connect)
        answer("session_request", self._session_request)
        answer("user_uttered", self._user_uttered)
        answer("user_rated", self._user_rated)
        answer("user_erased", self._user_erased)
        self._sio.on("*", self._unknown)
        return self._blueprint

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> None:
        """Take a new socket; one that says its session with the connection is bound to it."""
        language = preferred_language(environ.get("HTTP_ACCEPT_LANGUAGE"))
        await self._sio.save_session(sid, {"language": language})
        if isinstance(auth, dict) and "session_id" in auth:
            await self._bind(sid, auth["session_id"])

    async def _unknown(self, event: str, sid: str, *data: Any) -> None:
        await self._error(sid, MALFORMED)

    async def _session_request(self, sid: str, data: tuple[Any, ...]) -> Answer:
        await self._bind(sid, read_mapping(data).get("session_id"))
        return None

    async def _bind(self, sid: str, token: object) -> None:
        """Bind a socket to the session of a valid token, or to a new one."""
        now = self._clock()
        try:
            # Ordinary clients send ids of their own making: those get a new session, never their own.
            session = verify(self._secret, token if isinstance(token, str) else "", now)
        except SessionError:
            token = issue(self._secret, now)
            session = verify(self._secret, token, now)
        state = await self._sio.get_session(sid)
        await self._sio.save_session(sid, {**state, "session": session})
        await self._sio.emit("session_confirm", {"session_id": token}, room=sid)

    async def _user_uttered(self, sid: str, data: tuple[Any, ...]) -> Answer:
        state = await self._sio.get_session(sid)
        # The socket counts too, or a new session before each message would lift the limit.
        allowed = self._limit.allow(sid) and self._limit.allow(state.get("session") or sid)
        said = read_utterance(data)
        if said.language:
            await self._sio.save_session(sid, {**state, "language": said.language})
        if not allowed:
            raise EventError(TOO_MANY)
        session = self._session_of(state, said.token)
        replies = [shown(reply) for reply in await self._replies(session, said)]
        if said.id:
            return {"replies": replies}
        # To the socket that asked: who has stolen a session's token hears nothing of it.
        for reply in replies:
            await self._sio.emit("bot_uttered", with_quick_replies(reply), room=sid)
        return None

    async def _replies(self, session: str, said: Utterance) -> list[dict[str, Any]]:
        """Return the replies to a message: the same when it comes again."""
        delivery = _delivery(session, said.id)
        metadata = {"language": said.language} if said.language else {}
        # In turn, so that a repeat waits for the first and finds its replies.
        async with self._turns.setdefault(session, asyncio.Lock()):
            if said.id:
                metadata[DELIVERY] = delivery
                if (before := self._database().replies_to(delivery)) is not None:
                    return before
            output = Collected(NAME)
            await self._on_new_message(
                UserMessage(said.text, output, sender_id=session, input_channel=NAME, metadata=metadata)
            )
        if not output.messages:
            raise EventError(TROUBLE)
        return output.messages

    async def _user_rated(self, sid: str, data: tuple[Any, ...]) -> Answer:
        """Note what somebody says of an answer of their own conversation."""
        session = self._session_of(await self._sio.get_session(sid))
        rated = read_rating(data)
        if not self._limit.allow(session):
            raise EventError(TOO_MANY)
        return {"noted": self._database().rate(_delivery(session, rated.id), rated.rating)}

    async def _user_erased(self, sid: str, data: tuple[Any, ...]) -> Answer:
        """Delete all that is kept of the conversation, at once; the next message begins a new one."""
        session = self._session_of(await self._sio.get_session(sid))
        read_mapping(data)
        agent = self._agent()
        async with self._turns.setdefault(session, asyncio.Lock()):
            agent.tracker_store.database.erase(agent.names_of(NAME, session))
        return {"erased": True}

    def _session_of(self, state: Mapping[str, Any], token: str | None = None) -> str:
        """Return the session of a socket. Raises EventError without one, or with another's token."""
        session = state.get("session")
        if not session:
            raise EventError(NO_SESSION)
        if token is not None and verify(self._secret, token, self._clock()) != session:
            raise EventError(NO_SESSION)
        return str(session)

    def _agent(self) -> ConoceAgent:
        agent: ConoceAgent = next(iter(self._blueprint.apps)).ctx.agent
        return agent

    def _database(self) -> Database:
        database: Database = self._agent().tracker_store.database
        return database

    async def _answering(
        self,
        sid: str,
        data: tuple[Any, ...],
        handler: Callable[[str, tuple[Any, ...]], Awaitable[Answer]],
    ) -> Answer:
        """Run a handler; what goes wrong becomes an `error` event and the acknowledgement's `error`."""
        try:
            return await handler(sid, data)
        except SessionError:
            code = NO_SESSION
        except EventError as error:
            code = error.code
        except Exception as error:
            # The class only: messages of exceptions may quote what the person wrote.
            logger.error("website: an event failed: %s", type(error).__name__)
            code = TROUBLE
        return {"error": await self._error(sid, code)}

    async def _error(self, sid: str, code: str) -> dict[str, str]:
        """Tell a client what went wrong, in the person's language; return what it was told."""
        try:
            language = (await self._sio.get_session(sid)).get("language", LANGUAGES[0])
        except KeyError:
            return {"code": code, "text": ""}  # The socket is gone: nobody is left to tell.
        try:
            catalogue = catalogue_of(next(iter(self._blueprint.apps)))
            text = catalogue.phrase("too_long" if code == TOO_LONG else "system_trouble", language)
        except Exception as error:
            logger.error("website: no text for an error: %s", type(error).__name__)
            text = ""
        told = {"code": code, "text": text}
        await self._sio.emit("error", told, room=sid)
        return told


def shown(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a reply people's browsers get: the rest (model id, action name) is ours."""
    return {name: message[name] for name in _FIELDS if message.get(name)}


def with_quick_replies(message: dict[str, Any]) -> dict[str, Any]:
    """Return a reply for ordinary clients, which know buttons under another name."""
    if not (buttons := message.get("buttons")):
        return message
    return {**message, "quick_replies": [{"content_type": "text", **button} for button in buttons]}


def _delivery(session: str, id_: str) -> str:
    """Return the key of a message: of this session, whatever ids other sessions use."""
    return hashlib.sha256(f"{session} {id_}".encode()).hexdigest()
