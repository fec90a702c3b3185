"""Logs without personal data.

Rasa and its libraries log what people write, some with `logging`, some with structlog. `guard` puts
a `LogFilter` on every handler, and `redact_event` is a structlog processor: place it last before
the renderer, after structlog's `format_exc_info`, so that it also sees tracebacks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from bot.identifiers import words
from bot.privacy import redact

#: Parts of key names ("parse_data_text", "rasa_events") whose values hold what people wrote.
_PEOPLES_TEXT = words(
    "text message events entities entity slots response tracker body payload headers input query metadata "
    "sender utterance"
)
_PEOPLES_KEYS = frozenset(("rasa_event", "parse_data", "user"))

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_LONGEST_PLAIN_NUMBER = 999_999


def redact_event(logger: Any, name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop the keys that hold people's text and redact the rest of a structlog event."""
    return _mapping(event_dict)


class LogFilter(logging.Filter):
    """Redacts the message, the traceback and the extra fields of each record; keeps every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record in place."""
        if isinstance(record.msg, dict):  # structlog's ProcessorFormatter renders it later
            record.msg = _mapping(record.msg)
        else:
            record.msg, record.args = redact(_message(record)).text, ()
        if record.exc_info:
            # A formatter prints `exc_text` when it is there and would format `exc_info` again.
            record.exc_text = record.exc_text or logging.Formatter().formatException(_exc_info(record))
            record.exc_info = None
        record.exc_text = record.exc_text and redact(record.exc_text).text
        record.stack_info = record.stack_info and redact(record.stack_info).text
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        safe = _mapping(extra)
        # Dropped fields stay as empty text, because a format string may name them.
        vars(record).update({key: safe.get(key, "") for key in extra})
        return True


def guard() -> None:
    """Put a `LogFilter` on every handler there is; calling it again adds only what is missing.

    Filters of loggers do not see the records of their children, filters of handlers do.
    """
    named = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    for handler in {handler for logger in (logging.root, *named) for handler in logger.handlers}:
        if not any(isinstance(present, LogFilter) for present in handler.filters):
            handler.addFilter(LogFilter())


def configure(level: int = logging.WARNING) -> None:
    """Log from `level` up to standard error, through the filters of this module only."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            redact_event,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    guard()


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit: logging would print them raw
        return str(record.msg)


def _exc_info(record: logging.LogRecord) -> Any:
    return record.exc_info if isinstance(record.exc_info, tuple) else (None, None, None)


def _mapping(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _safe(value) for key, value in values.items() if not _holds_text(str(key))}


def _holds_text(key: str) -> bool:
    return key in _PEOPLES_KEYS or not _PEOPLES_TEXT.isdisjoint(key.lower().split("_"))


def _safe(value: Any) -> Any:
    """Return a value without personal data; of other objects only the type, as any `repr` may tell."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LONGEST_PLAIN_NUMBER else "[number]"
    if isinstance(value, str):
        return redact(value).text
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_safe(item) for item in value]
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {redact(str(value)).text}"
    return f"<{type(value).__name__}>"
