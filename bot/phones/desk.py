"""The desk that every text message passes, whatever the carrier.

It knows what a carrier and a phone do to a conversation: repeats, commands, limits, first contact,
pictures, answers that come too late. It never raises and is silent only where silence is meant.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rasa.core.channels.channel import UserMessage

from bot.agent import Collected, ConoceAgent
from bot.channels.limits import RateLimit
from bot.content import LANGUAGES, SMS
from bot.errors import ConoceError
from bot.phones import pages
from bot.phones.habits import EMERGENCY, ERASE, HELP, START, STOP, Habits, Keyword
from bot.segments import for_phones, segments_of
from bot.storage.phones import Contact, PhoneBook

logger = logging.getLogger(__name__)

#: After this many seconds the sender is told to wait: early enough to be there within ten when
#: everybody writes at once. Twilio gives up after 15.
PATIENCE_SECONDS = 7.0

#: A repeat of a message gets the same reply for this long, then none.
REPEAT_SECONDS = 600

#: Over a limit, an ordinary message is explained once in this many seconds.
LIMIT_NOTICE_SECONDS = 3600

TEXT, MEDIA, PLACE, CONTACT = "text", "media", "place", "contact"

_SAID_TO = {STOP: "phone_stopped", START: "phone_started", HELP: "phone_help"}


@dataclass(frozen=True)
class Incoming:
    """One message as a carrier delivers it.

    id       the carrier's id of the message, or "" when it gave none
    sender   the number or address, as the carrier writes it; never stored
    channel  sms | whatsapp
    kind     text | media | place | contact: what came, beside the text
    handled  what the carrier did with it already: "", stop, start or help
    """

    id: str
    sender: str
    channel: str
    text: str
    kind: str = TEXT
    handled: str = ""


class PhoneDesk:
    """Answers messages. `ceiling` is the most segments a day, 0 for none."""

    def __init__(
        self,
        agent: ConoceAgent,
        book: PhoneBook,
        habits: Habits,
        ceiling: int = 0,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._agent = agent
        self._book = book
        self._habits = habits
        self._ceiling = ceiling
        self._patience = patience
        self._clock = clock
        self._each = RateLimit(habits.limits["sender"])
        self._all = RateLimit(habits.limits["all"])
        self._running: dict[str, asyncio.Task[list[str]]] = {}
        self._late: set[asyncio.Task[list[str]]] = set()

    async def receive(self, incoming: Incoming) -> list[str]:
        """Return the messages to send back, in order; none means to be silent."""
        names = self._agent.names_of(incoming.channel, incoming.sender)
        given = incoming.id or f"none {time.time_ns()}"
        # The id of the carrier leads to the number in the carrier's log: only a hash is kept.
        delivery = hashlib.sha256(f"{names[0]} {given}".encode("utf-8", "replace")).hexdigest()
        running = self._running.get(delivery)
        if running is None:
            until = asyncio.get_running_loop().time() + self._patience
            running = asyncio.create_task(self._receive(incoming, names, delivery, until))
            self._running[delivery] = running
            running.add_done_callback(lambda _: self._running.pop(delivery, None))
        return await asyncio.shield(running)

    async def _receive(
        self, incoming: Incoming, names: Sequence[str], delivery: str, until: float
    ) -> list[str]:
        contact, before = Contact(names[0]), None
        try:
            contact, before = self._book.open(names, delivery)
        except ConoceError as error:
            logger.error("phones: nothing is known of a sender: %s", type(error).__name__)
        if before is not None:
            return list(before.texts) if before.age <= REPEAT_SECONDS else []
        try:
            texts, keep = await self._reply(incoming, contact, until)
        except Exception as error:
            # The class only: messages of exceptions may quote what the person wrote.
            logger.error("phones: a message failed: %s", type(error).__name__)
            texts, keep = [self._say("system_trouble", contact.language, incoming.channel)], True
        sent = _parts(texts)
        try:
            sent = self._book.close(contact.id, delivery, sent, sum(map(segments_of, sent)), keep=keep)
        except ConoceError as error:
            logger.error("phones: a reply was not noted: %s", type(error).__name__)
        return sent

    async def _reply(self, incoming: Incoming, contact: Contact, until: float) -> tuple[list[str], bool]:
        """Return what to say, and whether it may be kept for a repeat of the message."""
        text = self._habits.meant(incoming.text)
        if incoming.handled or self._habits.is_reaction(text):
            self._note_handled(incoming.handled, contact)
            return [], True
        keyword = self._habits.keyword(text)
        if keyword is not None:
            return self._obey(keyword, incoming, contact)
        urgent = self._habits.looks_urgent(text)
        if contact.stopped and not urgent:
            return [], True
        language = contact.language or self._habits.language_of(text)
        if limit := self._limit(contact):
            return self._over(limit, incoming, contact, language, urgent), True
        if not any(map(str.isalnum, text)) and incoming.kind != TEXT:
            said = [self._say(f"phone_{incoming.kind}", language, incoming.channel)]
            return self._welcomed(said, incoming.channel, contact, language), True
        if contact.waiting and self._habits.is_nudge(text):
            return [], True
        said, language, decision = await self._ask(incoming, text, contact, language, until)
        if contact.stopped and decision != "urgent":
            return [], True
        if incoming.kind != TEXT:
            said.append(self._say("phone_media_note", language, incoming.channel))
        return self._welcomed(said, incoming.channel, contact, language, last=decision == "urgent"), True

    def _obey(self, keyword: Keyword, incoming: Incoming, contact: Contact) -> tuple[list[str], bool]:
        """Do what a command says."""
        language = keyword.language or contact.language
        by_carrier = incoming.channel == SMS and self._habits.carrier_answers(keyword)
        if keyword.command == EMERGENCY:
            return [self._say("phone_emergency", language, incoming.channel)], True
        if keyword.command == ERASE:
            return [self._say(self._erased(contact), language, incoming.channel)], False
        self._note_handled(keyword.command, contact)
        # What the carrier says to the word is enough, and after "stop" it would let nothing through.
        return [] if by_carrier else [self._say(_SAID_TO[keyword.command], language, incoming.channel)], True

    def _erased(self, contact: Contact) -> str:
        """Erase all that is kept of a sender; return what to say."""
        try:
            self._book.erase(contact.id)
        except ConoceError as error:
            logger.error("phones: erasure failed: %s", type(error).__name__)
            return "erase_failed"
        return "erase_done"

    def _note_handled(self, command: str, contact: Contact) -> None:
        if command == STOP:
            self._book.change(contact.id, stopped=self._clock())
        elif command == START and contact.stopped:
            self._book.change(contact.id, stopped=None)

    def _limit(self, contact: Contact) -> str:
        """Return the limit that is reached, or ""."""
        if not self._each.allow(contact.id):
            return "sender"
        if not self._all.allow("all"):
            return "all senders"
        if self._ceiling and self._book.spent() >= self._ceiling:
            return "segments a day"
        return ""

    def _over(
        self, limit: str, incoming: Incoming, contact: Contact, language: str, urgent: bool
    ) -> list[str]:
        """Return what is said over a limit: first steps always, the rest once an hour."""
        logger.warning("phones: over the limit (%s)%s", limit, ", urgent" if urgent else "")
        if urgent:
            return [self._say("phone_urgent", language, incoming.channel)]
        now = self._clock()
        if now - contact.told_limit < LIMIT_NOTICE_SECONDS:
            return []
        self._book.change(contact.id, told_limit=now)
        return [self._say("phone_limit", language, incoming.channel)]

    async def _ask(
        self, incoming: Incoming, text: str, contact: Contact, language: str, until: float
    ) -> tuple[list[str], str, str]:
        """Return the assistant's messages with their language and decision.

        `language` is for what is said when they are not there at `until`, a time of the loop.
        """
        output = Collected(incoming.channel)
        message = UserMessage(
            text,
            output,
            incoming.sender,
            input_channel=incoming.channel,
            metadata={"language": language} if language else {},
        )

        async def answer() -> list[str]:
            await self._agent.handle_message(message)
            return [str(reply["text"]) for reply in output.messages if reply.get("text")]

        task = asyncio.create_task(answer())
        left = max(0.0, until - asyncio.get_running_loop().time())
        done, _ = await asyncio.wait({task}, timeout=left)
        if not done:
            self._late.add(task)
            task.add_done_callback(lambda finished: self._keep_late(finished, contact))
            return [self._say("phone_moment", language, incoming.channel)], language, ""
        said = task.result()
        about = output.messages[-1].get("conoce") or {}
        return said, str(about.get("language", "")), str(about.get("decision", ""))

    def _keep_late(self, task: asyncio.Task[list[str]], contact: Contact) -> None:
        self._late.discard(task)
        try:
            self._book.put_late(contact.id, _parts(task.result()))
        except Exception as error:
            logger.error("phones: a late answer was lost: %s", type(error).__name__)

    def _welcomed(
        self, texts: list[str], channel: str, contact: Contact, language: str, *, last: bool = False
    ) -> list[str]:
        """Return the texts with the first warnings, once for each sender and retention period."""
        if contact.welcomed:
            if contact.language != language:
                self._book.change(contact.id, language=language or None)
            return texts
        self._book.change(contact.id, language=language or None, welcomed=self._clock())
        first = [self._say("first_contact", language, channel)]
        return texts + first if last else first + texts

    def _say(self, key: str, language: str, channel: str) -> str:
        """Return a fixed text; in both languages while the sender's is not known."""
        replies = self._agent.generator.replies
        known = (language,) if language in LANGUAGES else LANGUAGES
        text = "\n".join(replies.phrase(key, each, SMS) for each in known)
        return for_phones(text) if channel == SMS else text


def _parts(texts: Sequence[str]) -> list[str]:
    """Return texts that the carrier takes: none too long."""
    return [part for text in texts for part in pages.split(text, pages.fits_whatsapp)]
