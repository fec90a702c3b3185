"""What runs beside the pages: the log of faults, and the count of finished days."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest
from django.db import DatabaseError
from django.urls import reverse

from staff import faults, hourly
from staff.accounts.roles import Role
from staff.figures import tally
from tests.staff.conftest import person, signed_in
from tests.staff.turns import turn

SECRET = "maria lopez 415 555 0190"


@pytest.mark.django_db
def test_a_fault_is_logged_without_what_was_said(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any, **_named: Any) -> None:
        raise RuntimeError(SECRET)

    faults.listen()
    monkeypatch.setattr("staff.review.views.lines", broken)
    client = signed_in(person(Role.REVIEWER))
    client.raise_request_exception = False
    address = reverse("review:conversation", args=[_stored(SECRET)])
    with caplog.at_level(logging.ERROR, logger="staff.faults"):
        assert client.get(address, {"q": SECRET}).status_code == 500
    (line,) = [record.getMessage() for record in caplog.records if record.name == "staff.faults"]
    assert line.startswith("RuntimeError at test_running.py:")
    assert line.endswith("in the page review:conversation")
    assert "maria" not in caplog.text


def _stored(text: str) -> str:
    turn(text=text, conversation="c" * 64)
    return "c" * 64


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.REVIEWER, False), (Role.EDITOR, False), (Role.ADMINISTRATOR, True)]
)
@pytest.mark.django_db
def test_a_conversation_can_be_downloaded_from_its_page(role: Role, offered: bool) -> None:
    conversation = _stored("hola")
    page = signed_in(person(role)).get(reverse("review:conversation", args=[conversation]))
    link = reverse("figures:conversation_export", args=[conversation])
    assert (link in page.content.decode()) == offered


def test_days_are_counted_whoever_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[float] = []

    def count() -> None:
        counted.append(time.monotonic())
        if len(counted) == 1:
            raise DatabaseError("locked")  # the next hour makes up for it

    monkeypatch.setattr(tally, "bring_up_to_date", count)
    ended = hourly.start(every=0.01)
    end = time.monotonic() + 10
    while len(counted) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    ended.set()
    assert len(counted) >= 3
