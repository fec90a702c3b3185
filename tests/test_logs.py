"""Nothing that people wrote reaches a log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import PurePath

import pytest

from bot.logs import LogFilter, guard, redact_event
from tests.planted import PLANTED, Planted


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger whose only handler writes to a string, with the filter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(LogFilter())
    logger = logging.getLogger("conoce.test.logs")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.sentence)
def test_planted_identifiers_stay_out(log: tuple[logging.Logger, io.StringIO], planted: Planted) -> None:
    """In the message, its arguments, an exception and an extra field."""
    logger, stream = log
    logger.info(planted.sentence.replace("%", "%%"))
    logger.info("Received user message '%s' with intent", planted.sentence)
    try:
        raise ValueError(planted.sentence)
    except ValueError:
        logger.exception("It failed", extra={"note": planted.sentence})
    written = stream.getvalue()
    assert "Received user message" in written
    assert "Traceback" in written
    assert not [secret for secret in planted.secrets if secret in written]


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        ("Starting on port %d", (5005,), "Starting on port 5005"),  # plain numbers stay
        ("%s took %.2f s", ("training", 3.5), "training took 3.50 s"),  # formats work
        ("2026-09-01 10:30:00 ready", (), "2026-09-01 10:30:00 ready"),  # times stay
        ("%d %d", (1,), "%d %d"),  # arguments that do not fit are left out, nothing is raised
        ("sender %s", (1234567890123,), "sender [number]"),  # numbers of messengers
        ("100%", (), "100%"),  # a lone percent sign is text
        ({"event": "x", "text": "me"}, (), "{'event': 'x'}"),  # structlog's ProcessorFormatter
    ],
)
def test_messages(
    log: tuple[logging.Logger, io.StringIO], message: object, arguments: tuple[object, ...], expected: str
) -> None:
    """Ordinary messages read as before."""
    logger, stream = log
    logger.info(message, *arguments)
    assert stream.getvalue().strip() == expected


def test_extra_fields_that_hold_text_are_emptied() -> None:
    """They stay as fields, because a format string may name them."""
    record = logging.makeLogRecord({"msg": "hello", "user_text": "help me", "request": "GET /415-555-0134"})
    assert LogFilter().filter(record)
    assert (record.user_text, record.request) == ("", "GET /[phone]")  # type: ignore[attr-defined]


def test_stack_info_is_redacted() -> None:
    """A stack may show lines with data."""
    record = logging.makeLogRecord({"msg": "hello", "stack_info": "call('415-555-0134')"})
    LogFilter().filter(record)
    assert record.stack_info == "call('[phone]')"


def test_guard_reaches_every_handler_once() -> None:
    """Also handlers of named loggers that do not propagate."""
    logger, handler = logging.getLogger("conoce.test.guard"), logging.NullHandler()
    logger.addHandler(handler)
    before = {present: list(present.filters) for present in (*logging.root.handlers, handler)}
    try:
        guard()
        guard()
        for present in before:
            assert sum(isinstance(item, LogFilter) for item in present.filters) == 1
    finally:
        logger.removeHandler(handler)
        for present, filters in before.items():
            present.filters[:] = filters


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"event": "started", "port": 5005}, {"event": "started", "port": 5005}),  # ordinary
        ({"event": "x", "text": "hola"}, {"event": "x"}),  # what someone wrote
        ({"event": "x", "user_text": "hola", "message": "hola"}, {"event": "x"}),  # other names for it
        (
            {"event": "x", "rasa_events": [1], "rasa_event": 1, "prediction_events": []},
            {"event": "x"},
        ),  # Rasa's
        ({"event": "x", "parse_data_text": "hola", "tracker_latest_message": "h"}, {"event": "x"}),  # Rasa's
        ({"event": "call 415-555-0134"}, {"event": "call [phone]"}),  # the event itself
        (
            {"event": "x", "event_info": "A987650123"},
            {"event": "x", "event_info": "[A-number]"},
        ),  # not dropped
        ({"event": "x", "count": 3, "ok": True, "no": None, "score": 0.98765432}, None),  # plain values stay
        ({"event": "x", "id": 9876543210}, {"event": "x", "id": "[number]"}),  # ids of messengers
        ({"event": "x", "d": {"text": "a", "n": 1}}, {"event": "x", "d": {"n": 1}}),  # nested
        ({"event": "x", "l": ("415-555-0134", 2)}, {"event": "x", "l": ["[phone]", 2]}),  # lists
        (
            {"event": "x", "e": ValueError("415-555-0134")},
            {"event": "x", "e": "ValueError: [phone]"},
        ),  # errors
        (
            {"event": "x", "o": PurePath("a")},
            {"event": "x", "o": f"<{type(PurePath('a')).__name__}>"},
        ),  # objects
    ],
)
def test_redact_event(given: dict[str, object], expected: dict[str, object] | None) -> None:
    """Keys of people's text are dropped, the rest is redacted."""
    assert redact_event(None, "info", dict(given)) == (given if expected is None else expected)
