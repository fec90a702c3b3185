"""The one door between the channels and Rasa."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.utils.endpoints import EndpointConfig

from bot.answers import AnswerGenerator, parts
from bot.encoder import warm_up
from bot.errors import ArchiveError, ReplyError
from bot.intake import take_in
from bot.privacy import Pseudonyms
from bot.replies import Reply
from bot.runner import DirectRunner
from bot.settings import Settings
from bot.storage.locks import ConversationLocks
from bot.storage.tracker_store import DELIVERY, RECEIVED, ConversationStore

logger = logging.getLogger(__name__)

#: An understanding holds the event loop, and a new connection needs some ten rounds of it to be
#: taken and read. Without these rounds between two messages, those that come while others wait are
#: not even seen.
BREATHS = 32


class Collected(CollectingOutputChannel):  # type: ignore[misc] # Rasa is not typed
    """Collects whole replies, under the name of the channel that they are for."""

    def __init__(self, channel: str) -> None:
        super().__init__()
        self._channel = channel

    def name(self) -> str:  # type: ignore[override] # Rasa has a classmethod of that name
        """Return the channel's name: the NLG writes for it."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep a reply as it is (see parent class)."""
        given = {name: value for name, value in message.items() if value is not None}
        self.messages.append({"recipient_id": recipient_id, **given})


class ConoceAgent(Agent):
    """Rasa's agent, with personal data taken out and senders hashed before Rasa sees them."""

    def __init__(
        self,
        settings: Settings,
        tracker_store: TrackerStore | None = None,
        action_endpoint: EndpointConfig | None = None,
    ) -> None:
        self.settings = settings
        self._pseudonyms = Pseudonyms(settings.secret, settings.previous_secret)
        self._turn = asyncio.Lock()
        super().__init__(
            generator=AnswerGenerator(settings=settings),
            lock_store=ConversationLocks(),
            action_endpoint=action_endpoint,
        )
        # Rasa would wrap the store in one that falls back to memory without a word.
        self.tracker_store = tracker_store or ConversationStore(None, settings=settings)

    @property
    def generator(self) -> AnswerGenerator:
        """The NLG with the archive's texts."""
        generator: AnswerGenerator = self.nlg
        return generator

    def names_of(self, channel: str, sender: str) -> tuple[str, ...]:
        """Return the pseudonyms of a sender: under the current key and, if any, the previous."""
        return self._pseudonyms.all(channel, sender)

    def load_archive(self, path: Path) -> None:
        """Load a trained archive and warm everything that the first message needs.

        Raises ArchiveError when it cannot be read, or holds drafts that may not be shown.
        """
        self._switch_to(self._read(path))

    async def exchange_archive(self, path: Path) -> None:
        """Load an archive beside the one that answers, and switch between two messages.

        Raises ArchiveError as `load_archive` does; then the old one goes on answering.
        """
        loaded = await asyncio.get_running_loop().run_in_executor(None, self._read, path)
        async with self._turn:
            self._switch_to(loaded)

    def _read(self, path: Path) -> MessageProcessor:
        generator = AnswerGenerator(settings=self.settings)
        try:
            processor = MessageProcessor(
                model_path=path,
                tracker_store=self.tracker_store,
                lock_store=self.lock_store,
                action_endpoint=self.action_endpoint,
                generator=generator,
            )
            processor.graph_runner = DirectRunner(processor.graph_runner)
            generator.responses = processor.domain.responses
        except ArchiveError:
            raise
        except Exception as error:
            raise ArchiveError(
                f"The archive {path} does not load ({type(error).__name__}): "
                "train it again with `conoce train`."
            ) from error
        drafts = [e.id for e in generator.catalogue.entries.values() if e.status == "draft"]
        if drafts and not self.settings.allow_drafts:
            raise ArchiveError(
                f"{len(drafts)} answers are drafts ({drafts[0]}, ...): have them reviewed, or set "
                "CONOCE_ALLOW_DRAFTS=yes to show them with a note."
            )
        warm_up()
        return processor

    def _switch_to(self, processor: MessageProcessor) -> None:
        """What Rasa's `load_model` sets (rasa/core/agent.py), all at once."""
        self.processor = processor
        self.nlg = processor.nlg
        self.domain = self.tracker_store.domain = processor.domain

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """Answer one message (see parent class). Never silent: a failure sends a fixed text."""
        intake = take_in(message.text)
        metadata = dict(message.metadata or {})
        language = metadata.get("language")
        message.metadata = {
            "language": language if language in ("en", "es") else None,
            "redacted": list(intake.redacted),
            "reason": intake.reason,
            DELIVERY: metadata.get(DELIVERY),
            RECEIVED: time.time(),
        }
        message.text = intake.text
        channel = str(message.input_channel or "")
        names = self.names_of(channel, str(message.sender_id))
        message.sender_id = names[0]
        try:
            if isinstance(self.tracker_store, ConversationStore):
                self.tracker_store.database.adopt(names)
            # One at a time, in the order of arrival, and time between two for the rest.
            async with self._turn:
                replies: list[dict[str, Any]] | None = await super().handle_message(message)
                for _ in range(BREATHS):
                    await asyncio.sleep(0)
            # Rasa swallows what fails inside an action or the NLG (`processor._run_action`).
            if replies == []:
                raise ReplyError("nothing was said")
        except Exception as error:
            # The text of an error can hold what the person wrote: only its kind is logged.
            logger.error("a message failed: %s", type(error).__name__)
            logger.debug("the failure", exc_info=True)
            await self._send_trouble(message.output_channel, language or "en")
            replies = getattr(message.output_channel, "messages", None)
        return replies

    async def _send_trouble(self, output: OutputChannel, language: str) -> None:
        text = self.generator.catalogue.phrase("system_trouble", language)
        about = {"language": language, "decision": "unknown", "faq_id": None}
        part = {**parts(Reply(language, text)), **about}
        await output.send_response("", {"text": text, "buttons": [], "conoce": part})
