"""The assistant's server: channels, page and health in one process."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from pathlib import Path

from rasa.core.channels import channel as rasa_channel
from sanic import Sanic

from bot.agent import ConoceAgent
from bot.archive import POINTER, latest_archive
from bot.channels.rest import RestChannel
from bot.channels.twilio import TwilioChannel
from bot.channels.website import WebsiteChannel, page, printing
from bot.embedded import EmbeddedActions
from bot.errors import SettingsError
from bot.settings import Settings

logger = logging.getLogger(__name__)

#: Old transcripts are deleted at the start and then as often as this.
PURGE_SECONDS = 3600

#: How often the server looks whether staff published another archive.
WATCH_SECONDS = 1

MAX_BODY_BYTES = 1_000_000

#: How many connections may wait to be taken: when everybody writes at once, one that finds no place
#: is tried again by its own side only after seconds.
BACKLOG = 4096


def build_app(settings: Settings, on_ready: Callable[[], None] = lambda: None) -> Sanic:
    """Return the server for an installation; the archive is loaded before it listens.

    Raises ArchiveError without a sound archive, StorageError without a database.
    """
    agent = ConoceAgent(settings, action_endpoint=EmbeddedActions())
    loaded = _stamp(settings.models / POINTER)
    agent.load_archive(latest_archive(settings))
    app = Sanic("conoce", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    app.ctx.agent = agent
    channels = [WebsiteChannel(settings)]
    if settings.twilio_auth_token:
        channels.append(TwilioChannel(settings))
    if not settings.production:
        channels.append(RestChannel())
    rasa_channel.register(channels, app, route="/webhooks/")
    app.blueprint(page.blueprint(settings))
    app.blueprint(printing.blueprint())

    @app.listener("after_server_start")
    async def ready(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        app.add_task(_purge_forever(agent))
        app.add_task(_follow_publications(agent, settings, loaded))
        on_ready()

    return app


def run(settings: Settings, on_ready: Callable[[], None]) -> None:
    """Serve until stopped. Raises SettingsError when the port is taken."""
    host = "0.0.0.0"  # noqa: S104 - the balancer or the browser of this machine must reach it
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, settings.port))
        except OSError:
            raise SettingsError(
                f"Port {settings.port} is in use: stop the other program or set CONOCE_PORT."
            ) from None
    app = build_app(settings, on_ready)
    app.run(host=host, port=settings.port, workers=1, backlog=BACKLOG, access_log=False, motd=False)


async def _purge_forever(agent: ConoceAgent) -> None:
    while True:
        try:
            agent.tracker_store.database.purge(agent.settings.retention_days)
        except Exception as error:
            logger.error("old conversations were not deleted: %s", error)
        await asyncio.sleep(PURGE_SECONDS)


async def _follow_publications(agent: ConoceAgent, settings: Settings, seen: tuple[int, int]) -> None:
    """Exchange the archive whenever another one than the one `seen` is published."""
    pointer = settings.models / POINTER
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        now = _stamp(pointer)
        if now == seen:
            continue
        seen = now
        try:
            await agent.exchange_archive(latest_archive(settings))
            logger.warning("another archive answers now: %s", agent.processor.model_path.name)
        except Exception as error:
            logger.error("the published archive was not taken, the one before goes on: %s", error)


def _stamp(path: Path) -> tuple[int, int]:
    """Return what changes when a file is replaced."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns
