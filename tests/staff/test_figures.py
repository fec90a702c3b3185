"""The dashboard: what is counted, what may be shown of it, and what leaves as a file."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from bot.content import load_catalogue
from staff.audit.models import Action, Event
from staff.figures import tables, tally
from staff.figures.dashboard import SOON, dashboard, due_entries
from staff.figures.entries import Head, heads
from staff.figures.export import safe_cell
from staff.figures.models import Conversations, Count, Day, Took
from staff.figures.numbers import Span, read
from staff.figures.suppression import HIDDEN, SMALL, Shown, show, suppress
from staff.figures.took import BOUNDS, quantile
from staff.review.models import Turn

pytestmark = pytest.mark.django_db

A_DAY = 86_400.0
#: Noon of a Wednesday.
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC).timestamp()
TODAY = date(2026, 3, 11)
DACA, WORK = "faq/daca_what_it_is", "faq/daca_work_permit"


def ask(number: int = 1, when: float = NOON, conversation: str = "", **more: Any) -> list[Turn]:
    """Write turns that are alike, each of a conversation of its own unless one is named."""
    first = Turn.objects.count()
    return Turn.objects.bulk_create(
        Turn(
            **{
                "conversation": conversation or f"{first + n:064x}",
                "timestamp": when,
                "channel": "website",
                "language": "es",
                "detected": "es",
                "decision": "answer",
                "intent": DACA,
                "confidence": 0.9,
                "candidates": "[]",
                "redacted": "",
            }
            | more
        )
        for n in range(number)
    )


def counted(day: date) -> int:
    return sum(Count.objects.filter(day=day).values_list("turns", flat=True))


class TestTally:
    def test_counts_what_is_alike(self) -> None:
        ask(3)
        ask(2, feedback="helped")
        ask(1, language="en")
        tally.bring_up_to_date(NOON)
        assert sorted(Count.objects.values_list("day", "language", "feedback", "turns")) == [
            (TODAY, "en", "", 1),
            (TODAY, "es", "", 3),
            (TODAY, "es", "helped", 2),
        ]

    @pytest.mark.parametrize(
        ("hour", "day"),
        [
            (datetime(2026, 3, 11, 0, 0, 0, tzinfo=UTC), 11),  # a day begins at midnight UTC
            (datetime(2026, 3, 10, 23, 59, 59, 999_000, tzinfo=UTC), 10),  # and ends just before it
            (datetime(2026, 3, 1, 12, tzinfo=UTC), 1),  # days long past are counted too
        ],
    )
    def test_days_are_in_utc(self, hour: datetime, day: int) -> None:
        ask(1, when=hour.timestamp())
        tally.bring_up_to_date(NOON)
        assert list(Count.objects.values_list("day", flat=True)) == [date(2026, 3, day)]

    def test_a_conversation_begins_once(self) -> None:
        ask(1, when=NOON - A_DAY, conversation="a", language="en")
        ask(2, conversation="a", language="es")
        ask(1, conversation="b", language="es")
        ask(1, conversation="b", language="en")
        tally.bring_up_to_date(NOON)
        assert list(Conversations.objects.order_by("day").values_list("day", "language", "begun")) == [
            (TODAY - timedelta(days=1), "en", 1),
            (TODAY, "es", 1),
        ]

    def test_times_fall_into_buckets(self) -> None:
        for took in (None, 0.0, 0.049, 0.05, 0.7, 99.0):
            ask(1, took=took)
        tally.bring_up_to_date(NOON)
        assert dict(Took.objects.values_list("bucket", "turns")) == {0: 2, 1: 1, 6: 1, len(BOUNDS): 1}

    def test_today_and_yesterday_follow_late_feedback(self) -> None:
        turns = [*ask(1), *ask(1, when=NOON - A_DAY)]
        tally.bring_up_to_date(NOON)
        Turn.objects.filter(pk__in=[turn.pk for turn in turns]).update(feedback="wrong")
        tally.bring_up_to_date(NOON + tally.FRESH_YESTERDAY)
        assert list(Count.objects.values_list("feedback", flat=True)) == ["wrong", "wrong"]

    def test_counts_at_most_once_a_minute(self) -> None:
        ask(1)
        tally.bring_up_to_date(NOON)
        ask(1)
        tally.bring_up_to_date(NOON + tally.FRESH - 1)
        assert counted(TODAY) == 1
        tally.bring_up_to_date(NOON + tally.FRESH)
        assert counted(TODAY) == 2

    def test_rows_that_did_not_change_are_not_written_again(self) -> None:
        ask(3)
        ask(2, language="en")
        tally.bring_up_to_date(NOON)
        before = dict(Count.objects.values_list("language", "pk"))
        ask(1, language="en")
        tally.bring_up_to_date(NOON + tally.FRESH)
        after = dict(Count.objects.values_list("language", "pk"))
        assert after["es"] == before["es"]
        assert after["en"] != before["en"]

    @pytest.mark.parametrize(
        "change",
        [
            lambda: ask(1),  # one more
            lambda: Turn.objects.filter(language="es")[0].delete(),  # one was erased
            lambda: Turn.objects.filter(language="es").update(feedback="helped"),  # they were rated
        ],
    )
    def test_sees_what_changed(self, change: Callable[[], object]) -> None:
        ask(3)
        ask(2, language="en")
        tally.bring_up_to_date(NOON)
        change()
        tally.bring_up_to_date(NOON + tally.FRESH)
        assert counted(TODAY) == Turn.objects.count()
        rated = Count.objects.exclude(feedback="").values_list("turns", flat=True)
        assert sum(rated) == Turn.objects.exclude(feedback=None).count()

    def test_what_changed_unseen_is_in_the_last_count(self) -> None:
        ask(1, feedback="helped")
        tally.bring_up_to_date(NOON)
        Turn.objects.update(feedback="wrong")
        tally.bring_up_to_date(NOON + 2 * A_DAY)
        assert list(Count.objects.values_list("feedback", flat=True)) == ["wrong"]

    def test_days_before_yesterday_are_kept_when_their_turns_are_deleted(self) -> None:
        ask(7, when=NOON - 2 * A_DAY)
        tally.bring_up_to_date(NOON)
        Turn.objects.all().delete()
        tally.bring_up_to_date(NOON + 3600)
        assert counted(TODAY - timedelta(days=2)) == 7
        assert Day.objects.filter(final=True).count() == 1

    def test_a_day_is_counted_for_the_last_time_two_days_later(self) -> None:
        ask(1)
        tally.bring_up_to_date(NOON)
        ask(1, when=NOON + 3600)
        tally.bring_up_to_date(NOON + 2 * A_DAY)
        assert counted(TODAY) == 2
        ask(1, when=NOON + 3600)
        tally.bring_up_to_date(NOON + 3 * A_DAY)
        assert counted(TODAY) == 2

    def test_a_day_of_which_turns_are_deleted_already_keeps_its_count(self) -> None:
        ask(5)
        tally.bring_up_to_date(NOON)
        Turn.objects.all().delete()
        # So long the page was not opened that the assistant has deleted the day.
        tally.bring_up_to_date(NOON + (settings.INSTALLATION.retention_days + 1) * A_DAY)
        assert counted(TODAY) == 5

    def test_an_erasure_today_lowers_the_count_of_today(self) -> None:
        ask(5, conversation="a")
        ask(2)
        tally.bring_up_to_date(NOON)
        Turn.objects.filter(conversation="a").delete()
        tally.bring_up_to_date(NOON + tally.FRESH)
        assert counted(TODAY) == 2

    @pytest.mark.parametrize(
        "when",
        [
            0.0,  # a clock that was not set
            NOON + 400 * A_DAY,  # a clock that is ahead
        ],
    )
    def test_wrong_clocks_do_no_harm(self, when: float) -> None:
        ask(1, when=when)
        tally.bring_up_to_date(NOON)
        assert Day.objects.count() <= tally.MOST_DAYS + 1
        assert not Count.objects.exists()

    def test_no_table_of_ours_names_a_conversation(self) -> None:
        for model in (Count, Took, Conversations, Day):
            names = {field.name for field in model._meta.get_fields()}
            assert not names & {"conversation", "text", "delivery", "candidates"}


class TestQuantile:
    @pytest.mark.parametrize(
        ("buckets", "share", "seconds"),
        [
            ({}, 0.5, None),  # nothing was timed
            ({0: 10}, 0.5, 0.025),  # half of the first bucket
            ({0: 10, 1: 10}, 0.5, 0.05),  # the border between two
            ({0: 95, 8: 5}, 0.95, 0.05),  # what is slow is not among the 95
            ({0: 90, 8: 10}, 0.95, 1.5),  # half of the bucket from 1 to 2 seconds
            ({len(BOUNDS): 3}, 0.5, 10.0),  # the last bucket has no upper bound
        ],
    )
    def test_is_read_from_the_buckets(
        self, buckets: dict[int, int], share: float, seconds: float | None
    ) -> None:
        assert quantile(buckets, share) == (None if seconds is None else pytest.approx(seconds))


class TestSuppression:
    @pytest.mark.parametrize(
        ("counts", "shown"),
        [
            ([0, 5, 100], [0, 5, 100]),  # nothing is small
            ([3, 2, 40], ["<5", "<5", 40]),  # two small ones hide each other
            ([1, 1, 40, 9], ["<5", "<5", 40, "-"]),  # 2 in all can only be 1 and 1
            ([4, 4, 40, 9], ["<5", "<5", 40, "-"]),  # 8 in all can only be 4 and 4
            ([3, 40, 9, 0], ["<5", 40, "-", 0]),  # one small one takes the next smallest along
            ([1, 40, 5, 70], ["<5", "-", "-", 70]),  # 6 with one of 5 or more: 5 gives it away
            ([2, 0, 0], ["<5", 0, 0]),  # the total is small itself, so it is not shown either
            ([9, 3], ["-", "-"]),  # too few in all
            ([4] * 5 + [0], ["<5"] * 6),  # only zeros are left to hide behind
            ([4] * 5, ["-"] * 5),  # nothing is left
            ([], []),
        ],
    )
    def test_leaves_out_as_little_as_needed(self, counts: list[int], shown: list[int | str]) -> None:
        signs = {SMALL: "<5", HIDDEN: "-"}
        assert [signs.get(one, one.value) for one in suppress(counts)] == shown

    @pytest.mark.parametrize("length", [1, 2, 3])
    def test_no_small_count_can_be_worked_out(self, length: int) -> None:
        for counts in product(range(28), repeat=length):
            if sum(counts) >= 5:
                assert not _given_away(counts, suppress(counts)), counts

    def test_a_small_total_is_not_shown(self) -> None:
        assert [show(n) for n in (0, 1, 4, 5)] == [Shown(0), SMALL, SMALL, Shown(5)]

    def test_the_parts_of_a_number_that_is_not_shown_are_not_shown(self) -> None:
        known = {n: Head(n, "daca" if n == DACA else "work", {}, "2026-01-01") for n in (DACA, WORK)}
        # "answer" is left out, because "unknown" could be had from it and the total.
        outcomes = {("answer", DACA): 20, ("answer", WORK): 10, ("unknown", "nlu_fallback"): 2}
        tree = tables.Tree.of(outcomes, known)
        assert set(tree.topics.values()) == {HIDDEN}
        assert set(tree.entries.values()) == {HIDDEN}


def _given_away(counts: tuple[int, ...], shown: list[Shown]) -> bool:
    """Whether somebody who knows the total and the signs can tell a small count."""
    least = min((s.value for s in shown if s.value), default=sum(counts))
    possible = [
        (s.value,) if s.value is not None else range(1, 5) if s.small else range(5, least + 1) for s in shown
    ]
    if all(s == HIDDEN or s.value == 0 for s in shown):
        return False  # Nothing is said of any of them.
    fitting = [world for world in product(*possible) if sum(world) == sum(counts)]
    return any(
        0 < count < 5 and len({world[place] for world in fitting}) == 1 for place, count in enumerate(counts)
    )


class TestDashboard:
    def test_each_number_leads_to_its_conversations(self) -> None:
        ask(30, language="es")
        ask(25, language="en", decision="unknown", intent="nlu_fallback", channel="sms")
        ask(20, feedback="helped", when=NOON - A_DAY)
        tally.bring_up_to_date(NOON)
        figures = dashboard(7, TODAY)
        for table in figures.tables:
            for row in table.rows:
                for cell in row.cells:
                    address = urlsplit(cell.link)
                    assert address.path == reverse("review:list")
                    if cell.shown.value:
                        assert _turns(parse_qs(address.query)) == cell.shown.value, (table.id, row.key)
        assert figures.questions.shown.value == _turns(parse_qs(urlsplit(figures.questions.link).query)) == 75

    def test_the_list_understands_the_links(self, reviewer: Client) -> None:
        ask(30, when=time.time(), feedback="helped")
        figures = reviewer.get(reverse("figures:dashboard")).context["figures"]
        for table in figures.tables:
            for row in table.rows[:2]:
                page = reviewer.get(row.cells[0].link)
                assert page.context["filter"].form.errors == {}, (table.id, row.key)

    def test_counts_by_topic_as_the_content_has_it(self) -> None:
        ask(30)
        ask(30, intent="faq/gone_long_ago")
        tally.bring_up_to_date(NOON)
        topics = tables.by_topic(read(Span.until(TODAY, 7)), heads())
        assert {row.key: row.cells[0].shown.value for row in topics.rows if row.cells[0].shown.value} == {
            heads()[DACA].topic: 30,
            "": 30,
        }

    @pytest.mark.parametrize(
        ("before", "now", "rises"),
        [
            (10, 20, True),  # twice as often
            (20, 10, False),  # falls
            (20, 20, False),  # stays
            (0, 20, True),  # new
            (0, 4, False),  # too small to be shown
        ],
    )
    def test_rising_questions(self, before: int, now: int, rises: bool) -> None:
        ask(now)
        ask(before, when=NOON - 8 * A_DAY)
        tally.bring_up_to_date(NOON)
        rows = dashboard(30, TODAY).rising.rows
        assert [row.key for row in rows] == ([DACA] if rises else [])

    @pytest.mark.parametrize(
        ("review_by", "due", "overdue"),
        [
            (TODAY - timedelta(days=1), True, True),  # yesterday was the last day
            (TODAY, True, False),  # today is
            (TODAY + timedelta(days=SOON), True, False),
            (TODAY + timedelta(days=SOON + 1), False, False),
        ],
    )
    def test_answers_fall_due(self, review_by: date, due: bool, overdue: bool) -> None:
        found = due_entries({DACA: Head(DACA, "daca", {"en": "DACA"}, review_by.isoformat())}, TODAY)
        assert [one.overdue for one in found] == ([overdue] if due else [])

    def test_knows_the_same_entries_as_the_assistant(self) -> None:
        catalogue = load_catalogue(settings.INSTALLATION.content)
        known = heads()
        assert known.keys() == catalogue.entries.keys()
        for intent, entry in catalogue.entries.items():
            head = known[intent]
            assert (head.id, head.topic, head.title, head.review_by) == (
                entry.id,
                entry.topic,
                entry.title,
                entry.review_by,
            )

    @pytest.mark.parametrize("days", ["7", "30", "90", "8", "x", ""])
    def test_opens_for_any_period(self, reviewer: Client, days: str) -> None:
        ask(30, when=time.time())
        page = reviewer.get(reverse("figures:dashboard"), {"days": days})
        assert page.status_code == 200
        assert page.context["days"] == (int(days) if days in ("7", "30", "90") else 30)

    def test_shows_no_small_number_anywhere(self, reviewer: Client) -> None:
        now = time.time()
        ask(40, when=now)
        ask(3, when=now, language="en", channel="sms", decision="unknown", intent="nlu_fallback")
        ask(2, when=now, feedback="wrong")
        page = reviewer.get(reverse("figures:dashboard")).content.decode()
        cells = re.findall(r"<a href=\"[^\"]*\">([^<]*)<span", page)
        assert "&lt;5" in cells
        drawn = json.loads(re.search(r'id="data-decision"[^>]*>(.*?)</script>', page)[1])  # type: ignore[index]
        assert not {"1", "2", "3", "4"} & set(cells)
        assert not {1, 2, 3, 4} & set(drawn["series"][0]["values"])

    def test_speaks_spanish(self, reviewer: Client) -> None:
        ask(3, when=time.time())
        reviewer.post(reverse("accounts:language"), {"language": "es", "next": "/"})
        page = reviewer.get(reverse("figures:dashboard")).content.decode()
        assert '<html lang="es">' in page
        assert "menos de 5" in page
        assert "Preguntas que aumentan" in page

    def test_says_the_chart_in_words(self, reviewer: Client) -> None:
        ask(30, when=time.time())
        page = reviewer.get(reverse("figures:dashboard")).content.decode()
        charts = re.findall(r'<canvas role="img" aria-label="([^"]+)"', page)
        assert any("Questions rise" in words for words in charts)
        assert page.count("<canvas") == page.count("<details") == len(charts)


def _turns(query: dict[str, list[str]]) -> int:
    """Count the turns that an address of the list asks for."""
    first, last = (date.fromisoformat(query[name][0]) for name in ("from", "to"))
    turns = Turn.objects.filter(
        timestamp__gte=tally.start_of(first), timestamp__lt=tally.start_of(last + timedelta(days=1))
    )
    for name in ("language", "channel", "decision", "feedback"):
        if name in query:
            turns = turns.filter(**{name: query[name][0]})
    if "entry" in query:
        turns = turns.filter(intent__in=(f"faq/{query['entry'][0]}", query["entry"][0]))
    if "topic" in query:
        turns = turns.filter(intent__in=[h.intent for h in heads().values() if h.topic == query["topic"][0]])
    return turns.count()


class TestTableExport:
    def test_holds_what_the_page_shows(self, editor: Client) -> None:
        now = time.time()
        ask(40, when=now)
        ask(3, when=now, language="en")
        file = editor.get(reverse("figures:csv"), {"days": "7"})
        assert file["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
        numbers = {row[4] for row in rows[1:]}
        assert numbers <= {"0", "43", "<5", "not shown"}
        assert ["Languages", "en", "English", "Questions", "<5"] in rows

    def test_is_in_the_log(self, editor: Client) -> None:
        editor.get(reverse("figures:csv"))
        event = Event.objects.get(action=Action.EXPORTED)
        assert (event.subject, event.who.email) == ("figures", "editor@example.org")  # type: ignore[union-attr]

    @pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
    def test_gives_no_formula_to_a_spreadsheet(self, first: str) -> None:
        assert safe_cell(f"{first}1+1") == f"'{first}1+1"
        assert safe_cell("DACA = 1") == "DACA = 1"

    def test_a_formula_in_the_database_stays_text(self, editor: Client) -> None:
        ask(9, when=time.time(), channel="=1+1")
        file = editor.get(reverse("figures:csv")).content.decode("utf-8-sig")
        assert "'=1+1" in [row[1] for row in csv.reader(io.StringIO(file))]


class TestConversationExport:
    NAME = "c" * 64

    def address(self, name: str = NAME) -> str:
        return reverse("figures:conversation_export", args=[name])

    def test_needs_a_reason(self, administrator: Client) -> None:
        ask(2, conversation=self.NAME)
        for reason in ("", "because"):
            page = administrator.post(self.address(), {"reason": reason})
            assert page["Content-Type"].startswith("text/html")
        assert not Event.objects.filter(action=Action.EXPORTED).exists()

    def test_gives_one_object_a_turn(self, administrator: Client) -> None:
        ask(1, conversation=self.NAME, text="¿qué es <b>DACA</b>?", redacted="phone,name")
        ask(1, conversation=self.NAME, text=None)
        ask(1, text="of somebody else")
        file = administrator.post(self.address(), {"reason": "person_asked"})
        lines = [json.loads(line) for line in file.content.decode().splitlines()]
        assert [line["text"] for line in lines] == ["¿qué es <b>DACA</b>?", None]
        assert lines[0]["redacted"] == ["phone", "name"]
        assert file["Content-Disposition"] == 'attachment; filename="conversation-cccccccccccc.jsonl"'
        assert self.NAME not in file.content.decode()

    def test_is_redacted_once_more(self, administrator: Client) -> None:
        ask(1, conversation=self.NAME, text="call me at 512-555-0147")
        file = administrator.post(self.address(), {"reason": "fault"})
        assert b"555-0147" not in file.content

    def test_is_in_the_log_without_the_whole_name(self, administrator: Client) -> None:
        ask(1, conversation=self.NAME)
        administrator.post(self.address(), {"reason": "law"})
        event = Event.objects.get(action=Action.EXPORTED)
        assert (event.subject, event.detail) == ("c" * 12, "law")

    def test_of_an_erased_conversation_there_is_none(self, administrator: Client) -> None:
        assert administrator.get(self.address()).status_code == 404
        assert administrator.post(self.address(), {"reason": "law"}).status_code == 404


class TestCare:
    @pytest.mark.parametrize(
        ("language", "words"),
        [("en", "What is kept where"), ("es", "Qué se guarda y dónde")],
    )
    def test_says_what_is_kept(self, administrator: Client, language: str, words: str) -> None:
        ask(1, when=time.time() - 3 * A_DAY)
        administrator.post(reverse("accounts:language"), {"language": language, "next": "/"})
        page = administrator.get(reverse("figures:care"))
        assert page.context["oldest_days"] == 3
        assert words in page.content.decode()

    def test_of_an_empty_database(self, administrator: Client) -> None:
        assert administrator.get(reverse("figures:care")).status_code == 200


@pytest.mark.parametrize(
    ("name", "reviewer_may", "editor_may"),
    [
        ("dashboard", True, True),
        ("csv", False, True),  # a file leaves the app
        ("care", False, False),
        ("conversation_export", False, False),
    ],
)
def test_roles(reviewer: Client, editor: Client, name: str, reviewer_may: bool, editor_may: bool) -> None:
    ask(1, conversation="c" * 64)
    address = reverse(f"figures:{name}", args=["c" * 64] if name == "conversation_export" else [])
    assert reviewer.get(address).status_code == (200 if reviewer_may else 403)
    assert editor.get(address).status_code == (200 if editor_may else 403)
