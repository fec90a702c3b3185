"""`conoce doctor`: what of an installation works, and what to do where it does not.

Rasa falls back without a word when a class of endpoints.yml is misspelled (to memory, to a lock that
polls); so the live classes are looked at, not the files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import ConoceError
from bot.settings import ROOT, Settings, load_settings


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    message: str


def examine() -> list[Finding]:
    """Look at everything; a later look is left out when it rests on an earlier one that failed."""
    findings = [_look("python", _python), _look("settings", lambda: f"{load_settings().env}")]
    if not findings[-1].ok:
        return findings
    settings = load_settings()
    findings.append(_look("content", _content))
    findings.append(_look("database", lambda: _database(settings)))
    findings.append(_look("endpoints.yml", lambda: _endpoints(settings)))
    findings.append(_look("archive", lambda: _archive(settings)))
    return findings


def _look(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except ConoceError as error:
        return Finding(name, False, str(error))


def _python() -> str:
    if sys.version_info[:2] != (3, 11):
        raise ConoceError(f"Python {sys.version_info[0]}.{sys.version_info[1]}: run `make setup`.")
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _content() -> str:
    from bot import checks

    return f"{len(checks.require(ROOT / 'data').entries)} answers"


def _database(settings: Settings) -> str:
    from bot.storage.database import Database

    count = len(Database(settings.database_url).conversation_ids())
    return f"{settings.database_url.partition(':')[0]}, {count} conversations"


def _endpoints(settings: Settings) -> str:
    from rasa.core.lock_store import LockStore
    from rasa.core.nlg import NaturalLanguageGenerator
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints

    from bot.answers import AnswerGenerator
    from bot.storage.locks import ConversationLocks
    from bot.storage.tracker_store import ConversationStore

    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    live = (
        ("tracker_store", ConversationStore, TrackerStore.create(endpoints.tracker_store)),
        ("lock_store", ConversationLocks, LockStore.create(endpoints.lock_store)),
        ("nlg", AnswerGenerator, NaturalLanguageGenerator.create(endpoints.nlg, None)),
    )
    for name, wanted, found in live:
        if not isinstance(found, wanted):
            raise ConoceError(
                f"{name} in endpoints.yml gives {type(found).__name__}: set its type to "
                f"{wanted.__module__}.{wanted.__name__}."
            )
    return ", ".join(type(found).__name__ for _, _, found in live)


def _archive(settings: Settings) -> str:
    from bot.archive import is_current, latest_archive
    from bot.asking import Asker

    path = latest_archive(settings)
    Asker(settings)
    return path.name if is_current(settings) else f"{path.name}, older than the content: `conoce train`"
