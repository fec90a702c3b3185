"""The action server: on loopback, with a token, and silent about conversations in its errors.

rasa_sdk's own server answers an exception with the whole tracker (`rasa_sdk/endpoint.py`) and
listens on every address; only its executor is used here.
"""

from __future__ import annotations

import hmac
import logging

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


def build_app(token: str) -> Sanic:
    """Return the server. Calls without `Authorization: Bearer <token>` are refused."""
    app = Sanic("conoce_actions", configure_logging=False)
    executor = ActionExecutor()
    executor.register_package("actions")

    @app.post("/webhook")
    async def run(request: Request) -> HTTPResponse:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return response.json({"error": "the token is wrong"}, status=401)
        call = request.json
        name = call.get("next_action") if isinstance(call, dict) else None
        try:
            return response.json(await executor.run(call))
        except ActionExecutionRejection:
            return response.json({"error": "rejected", "action_name": name}, status=400)
        except ActionNotFoundException:
            return response.json({"error": "no such action", "action_name": name}, status=404)
        except Exception as error:
            logger.error("action %s failed: %s", name, type(error).__name__)
            return response.json({"error": "the action failed", "action_name": name}, status=500)

    return app
