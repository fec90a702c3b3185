"""The assistant's server: channels, page, health and action server in one process."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from rasa.core.channels import channel as rasa_channel
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic

from actions import server as action_server
from bot.agent import ConoceAgent
from bot.archive import latest_archive
from bot.channels.rest import RestChannel
from bot.channels.website import WebsiteChannel
from bot.channels.website import page
from bot.errors import SettingsError
from bot.settings import Settings

logger = logging.getLogger(__name__)

#: Old transcripts are deleted at the start and then as often as this.
PURGE_SECONDS = 3600


def build_app(settings: Settings, on_ready: Callable[[], None] = lambda: None) -> Sanic:
    """Return the server for an installation; the archive is loaded when it starts.

    Raises ArchiveError without a trained archive.
    """
    archive = latest_archive(settings)
    app = Sanic("conoce", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = 1_000_000
    token = secrets.token_urlsafe(32)
    action_port = _free_port()
    actions = action_server.build_app(token)
    channels = [WebsiteChannel.from_credentials({})]
    if not settings.production:
        channels.append(RestChannel())
    rasa_channel.register(channels, app, route="/webhooks/")
    app.blueprint(page.blueprint())

    @app.listener("before_server_start")
    async def start(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        endpoint = EndpointConfig(
            f"http://{action_server.LOOPBACK}:{action_port}/webhook",
            headers={"Authorization": f"Bearer {token}"},
            selective_domain=True,
        )
        app.ctx.agent = load_agent(settings, archive, endpoint)
        app.ctx.actions = await actions.create_server(
            host=action_server.LOOPBACK,
            port=action_port,
            access_log=False,
            return_asyncio_server=True,
        )
        await app.ctx.actions.startup()
        app.add_task(_purge_forever(app.ctx.agent))

    @app.listener("after_server_start")
    async def ready(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        on_ready()

    return app


def load_agent(settings: Settings, archive: Path, endpoint: EndpointConfig) -> ConoceAgent:
    """Return the agent with an archive loaded."""
    agent = ConoceAgent(settings, action_endpoint=endpoint)
    agent.load_archive(archive)
    return agent


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
    app.run(host=host, port=settings.port, workers=1, access_log=False, motd=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((action_server.LOOPBACK, 0))
        return int(probe.getsockname()[1])


async def _purge_forever(agent: ConoceAgent) -> None:
    while True:
        try:
            agent.tracker_store.database.purge(agent.settings.retention_days)
        except Exception as error:
            logger.error("old conversations were not deleted: %s", error)
        await asyncio.sleep(PURGE_SECONDS)
