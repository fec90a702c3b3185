"""Custom actions run in this process, for commands that start no server."""

from __future__ import annotations

from typing import Any

from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor


class EmbeddedActions(EndpointConfig):  # type: ignore[misc] # Rasa is not typed
    """Takes the place of the action server's address in Rasa's agent."""

    def __init__(self) -> None:
        super().__init__("embedded", selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, *_arguments: Any, **keywords: Any) -> Any:
        """Run the action that Rasa would have asked the server for (see parent class)."""
        return await self._executor.run(keywords["json"])
