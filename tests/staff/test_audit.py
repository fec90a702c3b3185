"""The log only grows, and only an administrator reads it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db.models import ProtectedError
from django.test import Client

from staff.accounts.models import User
from staff.accounts.roles import Role
from staff.audit.models import Action, Event, record
from staff.audit.views import PAGE
from tests.staff.conftest import person

pytestmark = pytest.mark.django_db

LOG = "/log/"


def line(action: Action, subject: str, day: str = "2026-11-20", who: User | None = None) -> Event:
    """Add a line of a day."""
    event = Event.objects.create(who=who, action=action, subject=subject)
    Event.objects.filter(pk=event.pk).update(
        when=datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)
    )
    return event


def subjects(client: Client, query: str = "") -> list[str]:
    """Return of what the lines shown are, from the newest."""
    return [event.subject for event in client.get(LOG + query).context["page"]]


def test_a_line_is_neither_changed_nor_deleted() -> None:
    event = Event.objects.create(action=Action.PUBLISHED)
    event.subject = "other"
    for change in (event.save, event.delete):
        with pytest.raises(TypeError):
            change()


def test_who_stands_in_the_log_is_not_deleted() -> None:
    user = person(Role.EDITOR)
    Event.objects.create(who=user, action=Action.PUBLISHED)
    with pytest.raises(ProtectedError):
        user.delete()


def test_what_is_too_long_is_cut() -> None:
    record(None, Action.EDITED, "s" * 101, "d" * 201)
    event = Event.objects.get()
    assert (len(event.subject), len(event.detail)) == (100, 200)


def test_the_newest_is_first_and_pages_follow(administrator: Client) -> None:
    for number in range(PAGE + 1):
        line(Action.VIEWED, f"{number}")
    assert subjects(administrator)[:2] == ["50", "49"]
    second = administrator.get(f"{LOG}?page=2&action=viewed")
    assert [event.subject for event in second.context["page"]] == ["0"]
    # Going on keeps the filter.
    assert "?page=1&amp;action=viewed" in second.content.decode()
    # What is no page is the nearest one.
    assert subjects(administrator, "?page=900") == ["0"]
    assert subjects(administrator, "?page=x")[0] == "50"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # what was done
        ("?action=published", ["c", "a"]),
        # by whom
        ("?who={ana}", ["b", "a"]),
        # both
        ("?who={ana}&action=published", ["a"]),
        # both days are included, to their last second
        ("?since=2026-11-20&until=2026-11-21", ["b", "a"]),
        ("?since=2026-11-22", ["c"]),
        # what cannot be understood narrows nothing down, and is said in the form
        ("?since=yesterday", ["c", "b", "a"]),
        # a try to reach the database's own language
        ("?action=published'%20OR%201=1--", ["c", "b", "a"]),
    ],
)
def test_filters(administrator: Client, query: str, expected: list[str]) -> None:
    ana = person(Role.EDITOR, "ana@example.org")
    line(Action.PUBLISHED, "a", "2026-11-20", ana)
    line(Action.EDITED, "b", "2026-11-21", ana)
    line(Action.PUBLISHED, "c", "2026-11-22")
    assert subjects(administrator, query.format(ana=ana.pk)) == expected


def test_details_are_read_in_the_readers_language(administrator: Client) -> None:
    Event.objects.create(action=Action.CHANGED_PERSON, subject="ana@example.org", detail="deactivated")
    Event.objects.create(action=Action.EDITED, subject="faq/<b>", detail="<i>")
    administrator.post("/account/language/", {"language": "es", "next": LOG})
    page = administrator.get(LOG).content.decode()
    assert "cambió una cuenta" in page and "desactivada" in page
    # As text, whatever it holds.
    assert "faq/&lt;b&gt;" in page and "<i>" not in page
