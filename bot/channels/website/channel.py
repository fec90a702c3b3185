"""The Socket.IO channel of the website.

Speaks the protocol of Rasa's own channel (`session_request`, `user_uttered`, `bot_uttered`), so that
ordinary clients work, and mends what that one leaves open (docs/decisions/004-own-channels.md):
the server issues the session ids, pages of other origins are refused, every event is checked,
limited and answered. What cannot be answered goes back as `error` {code, text}; no event is met
with silence or a stack trace.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.channels.socketio import SocketBlueprint
from sanic import Blueprint, Sanic
from sanic.server.websockets.frame import WebsocketFrameAssembler
from socketio import AsyncServer

from bot.channels.limits import RateLimit
from bot.channels.website.events import (
    MALFORMED,
    NO_SESSION,
    TOO_LONG,
    TOO_MANY,
    TROUBLE,
    EventError,
    preferred_language,
    read_mapping,
    read_utterance,
)
from bot.channels.website.session import SessionError, issue, verify
from bot.content import LANGUAGES, Catalogue
from bot.errors import ReplyError
from bot.settings import Settings, load_settings

logger = logging.getLogger(__name__)

NAME = "website"
SOCKET_PATH = "/socket.io"

MAX_EVENT_BYTES = 64 * 1024

MESSAGES_PER_MINUTE = 30

#: What of a Rasa message people's browsers get: the rest (model id, action name) is ours.
_FIELDS = ("text", "buttons", "conoce", "message_id", "image", "attachment", "elements", "custom")


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


class WebsiteOutput(OutputChannel):
    """Sends replies to every socket of one session.

    Rasa's recipient is not the session: senders are hashed before Rasa sees them.
    """

    def __init__(self, sio: AsyncServer, room: str) -> None:
        self._sio = sio
        self._room = room
        self.sent = 0

    @classmethod
    def name(cls) -> str:
        """The channel's name in `responses` and in events."""
        return NAME

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Emit a whole message at once; `quick_replies` repeats the buttons for ordinary clients."""
        data = {name: message[name] for name in _FIELDS if message.get(name)}
        if buttons := data.get("buttons"):
            data["quick_replies"] = [{"content_type": "text", **button} for button in buttons]
        if data:
            await self._sio.emit("bot_uttered", data, room=self._room)
            self.sent += 1

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Emit a plain text."""
        await self.send_response(recipient_id, {"text": text})


class WebsiteChannel(InputChannel):
    """Takes messages from browsers; mounted at /socket.io, whatever the prefix."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        mend_websockets()
        self._secret = settings.secret
        self._clock = clock
        self._limit = RateLimit(MESSAGES_PER_MINUTE)
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

        async def user_uttered(sid: str, *data: Any) -> None:
            await self._answering(sid, self._user_uttered(sid, data, on_new_message))

        async def session_request(sid: str, *data: Any) -> None:
            await self._answering(sid, self._session_request(sid, data))

        async def unknown(event: str, sid: str, *data: Any) -> None:
            await self._error(sid, MALFORMED)

        self._sio.on("connect", self._connect)
        self._sio.on("session_request", session_request)
        self._sio.on("user_uttered", user_uttered)
        self._sio.on("*", unknown)
        return self._blueprint

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> None:
        language = preferred_language(environ.get("HTTP_ACCEPT_LANGUAGE"))
        await self._sio.save_session(sid, {"language": language})

    async def _session_request(self, sid: str, data: tuple[Any, ...]) -> None:
        """Bind the socket to the session of a valid token, or to a new one."""
        now = self._clock()
        token = read_mapping(data).get("session_id")
        try:
            # Ordinary clients send ids of their own making: those get a new session, never their own.
            session = verify(self._secret, token if isinstance(token, str) else "", now)
        except SessionError:
            token = issue(self._secret, now)
            session = verify(self._secret, token, now)
        state = await self._sio.get_session(sid)
        if before := state.get("session"):
            await self._sio.leave_room(sid, _room(before))
        await self._sio.save_session(sid, {**state, "session": session})
        await self._sio.enter_room(sid, _room(session))
        await self._sio.emit("session_confirm", {"session_id": token}, room=sid)

    async def _user_uttered(
        self, sid: str, data: tuple[Any, ...], on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> None:
        state = await self._sio.get_session(sid)
        session = state.get("session")
        # The socket counts too, or a new session before each message would lift the limit.
        allowed = self._limit.allow(sid) and self._limit.allow(session or sid)
        said = read_utterance(data)
        if said.language:
            await self._sio.save_session(sid, {**state, "language": said.language})
        if not allowed:
            raise EventError(TOO_MANY)
        if not session:
            raise EventError(NO_SESSION)
        if said.token is not None and verify(self._secret, said.token, self._clock()) != session:
            raise EventError(NO_SESSION)
        output = WebsiteOutput(self._sio, _room(session))
        metadata = {"language": said.language} if said.language else {}
        await on_new_message(
            UserMessage(said.text, output, sender_id=session, input_channel=NAME, metadata=metadata)
        )
        if not output.sent:
            raise EventError(TROUBLE)

    async def _answering(self, sid: str, work: Awaitable[None]) -> None:
        """Run a handler; what goes wrong becomes an `error` event in the person's language."""
        try:
            await work
        except SessionError:
            await self._error(sid, NO_SESSION)
        except EventError as error:
            await self._error(sid, error.code)
        except Exception as error:
            # The class only: messages of exceptions may quote what the person wrote.
            logger.error("website: a message failed: %s", type(error).__name__)
            await self._error(sid, TROUBLE)

    async def _error(self, sid: str, code: str) -> None:
        try:
            language = (await self._sio.get_session(sid)).get("language", LANGUAGES[0])
        except KeyError:
            return  # The socket is gone: nobody is left to tell.
        try:
            catalogue = catalogue_of(next(iter(self._blueprint.apps)))
            text = catalogue.phrase("too_long" if code == TOO_LONG else "system_trouble", language)
        except Exception as error:
            logger.error("website: no text for an error: %s", type(error).__name__)
            text = ""
        await self._sio.emit("error", {"code": code, "text": text}, room=sid)


def _room(session: str) -> str:
    # Socket.IO gives each socket a room under its own id: keep the two apart.
    return f"session:{session}"
