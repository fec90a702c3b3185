"""The list, the search, the transcript, and what is noted about a conversation."""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from bot.storage.database import Database
from bot.storage.search import words_of
from staff.accounts.models import User
from staff.accounts.roles import Role
from staff.audit.models import Action, Event
from staff.review.models import Note, Review, Turn, Word
from staff.review.search import distinct
from tests.staff.conftest import person, signed_in
from tests.staff.turns import DEFAULTS, turn

LIST = "/conversations/all/"
A, B, C = "a" * 64, "b" * 64, "c" * 64


def shown(client: Client, address: str, **data: str) -> list[int]:
    """Return the turns that the list shows, by their ids, in its order."""
    response = client.get(address, data)
    assert response.status_code == 200
    return [row["line"].turn.id for row in response.context["rows"]]


def spanish(client: Client) -> Client:
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = "es"
    return client


@pytest.fixture
def four(db: None) -> dict[str, int]:
    """Four turns that differ in everything that can be filtered, by a name."""
    days = [datetime.datetime(2026, 3, day, 12, tzinfo=datetime.UTC).timestamp() for day in (1, 2, 3, 4)]
    made = {
        "renew": turn(timestamp=days[0]),
        "raid": turn(
            timestamp=days[1],
            conversation=B,
            channel="sms",
            language="es",
            detected="es",
            decision="urgent",
            intent="urgent/at_door",
            confidence=0.55,
            text="¿Qué hago? La migra está en mi puerta, ¡AYÚDENME!",
            feedback="helped",
        ),
        "unknown": turn(
            timestamp=days[2],
            conversation=C,
            decision="unknown",
            intent="nlu_fallback",
            confidence=0.1,
            text="can i bring 100% of my cats_to the año nuevo party",
        ),
        "wrong": turn(
            timestamp=days[3],
            conversation=C,
            channel="whatsapp",
            feedback="wrong",
            confidence=0.7,
            text="renewal of my daca",
        ),
    }
    Review.objects.create(conversation=B, reviewed=days[3], reviewer=1, labels="for-lawyer praise")
    return {name: row.id for name, row in made.items()}


FILTERS = [
    # nothing: all, newest first
    ({}, ["wrong", "unknown", "raid", "renew"]),
    # both days are included
    ({"from": "2026-03-02", "to": "2026-03-03"}, ["unknown", "raid"]),
    ({"to": "2026-03-01"}, ["renew"]),
    # the last day that there is has no day after it
    ({"to": "9999-12-31"}, ["wrong", "unknown", "raid", "renew"]),
    ({"language": "es"}, ["raid"]),
    ({"channel": "sms"}, ["raid"]),
    ({"topic": "daca"}, ["wrong", "renew"]),
    ({"entry": "daca_renewal_when"}, ["wrong", "renew"]),
    ({"entry": "urgent/at_door"}, ["raid"]),
    ({"decision": "unknown"}, ["unknown"]),
    ({"below": "60"}, ["unknown", "raid"]),
    ({"above": "70"}, ["wrong", "renew"]),
    ({"below": "60", "above": "50"}, ["raid"]),
    ({"feedback": "wrong"}, ["wrong"]),
    ({"reviewed": "yes"}, ["raid"]),
    ({"reviewed": "no"}, ["wrong", "unknown", "renew"]),
    # a label is a whole word
    ({"label": "praise"}, ["raid"]),
    ({"label": "lawyer"}, []),
    ({"label": "%"}, []),
    ({"assigned": "nobody"}, ["wrong", "unknown", "raid", "renew"]),
    ({"assigned": "me"}, []),
    # several together
    ({"topic": "daca", "feedback": "wrong"}, ["wrong"]),
    ({"topic": "daca", "channel": "sms"}, []),
    # a search and filters, each of which is asked in another way then
    ({"q": "daca", "channel": "whatsapp"}, ["wrong"]),
    ({"q": "daca", "topic": "daca", "above": "80"}, ["renew"]),
    ({"q": "daca", "topic": "raids"}, []),
    ({"q": "migra", "decision": "urgent", "feedback": "helped", "reviewed": "yes"}, ["raid"]),
    ({"q": "migra", "entry": "urgent/at_door", "below": "60", "language": "es"}, ["raid"]),
]


@pytest.mark.parametrize(("data", "names"), FILTERS, ids=[str(data) for data, _ in FILTERS])
def test_filters(data: dict[str, str], names: list[str], four: dict[str, int], reviewer: Client) -> None:
    assert shown(reviewer, LIST, **data) == [four[name] for name in names]


BAD_FILTERS = [
    {"from": "yesterday"},
    {"language": "' OR 1=1 --"},
    {"entry": "no_such_entry"},
    {"topic": "<script>"},
    {"below": "101"},
    {"below": "nan"},
    {"assigned": "99999"},
    {"label": "x" * 21},
]


@pytest.mark.parametrize("data", BAD_FILTERS, ids=str)
def test_a_filter_that_makes_no_sense_shows_nothing_and_says_so(
    data: dict[str, str], four: dict[str, int], reviewer: Client
) -> None:
    response = reviewer.get(LIST, data)
    assert response.status_code == 200
    assert not response.context["rows"]
    assert "errorlist" in response.content.decode()


SEARCHES = [
    # one word
    ("daca", ["wrong", "renew"]),
    # case and accents do not matter, in the search as in the text
    ("DACA", ["wrong", "renew"]),
    ("esta", ["raid"]),
    ("está ayudenme", ["raid"]),
    # but ñ is a letter of its own
    ("ano nuevo ", []),
    ("año nuevo ", ["unknown"]),
    # all words must occur, in any order
    ("daca renewal", ["wrong"]),
    ("daca cats_to", []),
    # the last word may be begun, the others not
    ("my renew", ["wrong", "renew"]),
    ("renew my", ["renew"]),
    ("r", ["wrong", "renew"]),
    # with a space after it, it is a whole word
    ("renew ", ["renew"]),
    # the same word twice
    ("daca daca", ["wrong", "renew"]),
    # only marks: no words
    ("???", []),
    ("   ", ["wrong", "unknown", "raid", "renew"]),
    # signs that mean something to a database are only themselves
    ("%", []),
    ("_", []),
    ("da%", ["wrong", "renew"]),
    ("100%", ["unknown"]),
    ("cats_to", ["unknown"]),
    ("cats%to ", []),
    ("' OR '1'='1", []),
    ("daca'; DROP TABLE turns; --", []),
    ("daca\x00", ["wrong", "renew"]),
    ("\U0010ffff", []),
    # longer than any word of the index
    ("x" * 200, []),
    # many words
    ("a b c d e f g h i j k l m n o p", []),
]


@pytest.mark.parametrize(("query", "names"), SEARCHES, ids=[repr(query[:30]) for query, _ in SEARCHES])
def test_search(query: str, names: list[str], four: dict[str, int], reviewer: Client) -> None:
    assert shown(reviewer, LIST, q=query) == [four[name] for name in names]
    assert Turn.objects.count() == 4


def test_a_search_without_a_word_says_so(four: dict[str, int], reviewer: Client) -> None:
    assert "There is no word in this search." in reviewer.get(LIST, {"q": "???"}).content.decode()


def test_words_with_a_beginning_are_found_one_by_one(four: dict[str, int]) -> None:
    assert distinct("words", "word", "renew") == ["renew", "renewal"]
    assert distinct("words", "word", "renew", limit=1) == ["renew"]


@pytest.mark.parametrize("query", ["", "daca "])
def test_pages_lead_forth_and_back_without_gaps(query: str, reviewer: Client) -> None:
    # Several at the same time: the place in the list is time and number.
    ids = [turn(timestamp=1000 + number // 7).id for number in range(120)]
    address, pages, places = f"{LIST}?q={query}", [], []
    while address:
        response = reviewer.get(address)
        pages.append([row["line"].turn.id for row in response.context["rows"]])
        places.append(response.context["newer"])
        address = response.context["older"] and LIST + response.context["older"]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [number for page in pages for number in page] == ids[::-1]
    assert places[0] == ""
    assert shown(reviewer, LIST + places[2]) == pages[1]
    assert shown(reviewer, LIST + places[1]) == pages[0]


@pytest.mark.parametrize("place", ["", "x", "1_x", "1e9_1", "nan_1", "1_99999999999999", "-1_1", "1" * 400])
@pytest.mark.parametrize("name", ["before", "after"])
def test_a_place_that_makes_no_sense_is_the_beginning(
    name: str, place: str, four: dict[str, int], reviewer: Client
) -> None:
    assert len(shown(reviewer, LIST, **{name: place})) == 4


def test_a_search_is_logged_without_its_words(four: dict[str, int], reviewer: Client) -> None:
    reviewer.get(LIST, {"q": "secretword daca", "channel": "sms"})
    event = Event.objects.get(action=Action.SEARCHED)
    assert event.detail == "words: 2; filters: channel"


def test_nothing_is_logged_for_the_plain_list(four: dict[str, int], reviewer: Client) -> None:
    reviewer.get(LIST)
    assert not Event.objects.filter(action=Action.SEARCHED).exists()


def test_a_transcript_shows_what_was_understood(reviewer: Client) -> None:
    made = turn(
        text="my name is [name] when do i renew [name]? [phone]",
        redacted="name",
        detected="mixed",
        feedback="not_helped",
        candidates='[{"intent": "faq/daca_fee", "confidence": 0.2}, '
        '{"intent": "faq/daca_renewal_when", "confidence": 0.9}]',
    )
    response = reviewer.get(f"/conversations/{A}/")
    page = response.content.decode()
    (line,) = response.context["lines"]
    assert line.turn == made
    assert "When should I renew my DACA?" in page
    assert "confidence 90 %" in page
    assert "mixed" in page
    assert "website" in page
    assert "did not help" in page
    # the best first, whatever the order
    assert [candidate.percent for candidate in line.candidates] == [90, 20]
    # labels of what was taken out are marked, the others are what the person wrote
    assert page.count("<mark>[name]</mark>") == 2
    assert "<mark>[phone]</mark>" not in page
    # sources and text of the answer
    assert line.answer.sources[0].url in page
    assert 'lang="en"' in page
    assert Event.objects.get(action=Action.VIEWED).subject == A[:12]


def test_a_transcript_in_spanish_names_answers_in_spanish(reviewer: Client) -> None:
    turn()
    page = spanish(reviewer).get(f"/conversations/{A}/").content.decode()
    assert '<html lang="es">' in page
    assert "¿Cuándo debo renovar mi DACA?" in page
    assert "Fuentes" in page


@pytest.mark.parametrize("address", [LIST, "/conversations/", f"/conversations/{A}/"])
def test_pages_are_in_both_languages(address: str, reviewer: Client) -> None:
    turn()
    english = reviewer.get(address).content.decode()
    spanish_page = spanish(reviewer).get(address).content.decode()
    headings = re.compile(r"<h1>(.*?)</h1>", re.S)
    assert headings.findall(english) != headings.findall(spanish_page)


NOT_KEPT = [
    ("full", "part of a report"),
    ("needed", "only questions without a clear answer"),
    ("none", "keeps no texts"),
]


@pytest.mark.parametrize(("transcripts", "reason"), NOT_KEPT)
def test_a_text_that_was_not_kept_says_why(
    transcripts: str, reason: str, reviewer: Client, settings: Any
) -> None:
    settings.INSTALLATION = dataclasses.replace(settings.INSTALLATION, transcripts=transcripts)
    turn(text=None)
    assert reason in reviewer.get(f"/conversations/{A}/").content.decode()
    assert "not kept" in reviewer.get(LIST).content.decode()


def test_neighbours_lie_within_the_filters_and_the_search(reviewer: Client) -> None:
    names = ["1" * 64, "2" * 64, "3" * 64, "4" * 64]
    made = [turn(conversation=name, channel="sms" if name != names[2] else "website") for name in names]
    turn(conversation=names[1], channel="sms")
    for query in ("", "daca "):
        page = reviewer.get(f"{LIST}?channel=sms&q={query}")
        address = next(r["address"] for r in page.context["rows"] if r["line"].turn == made[1])
        here = reviewer.get(address)
        # the next is older, the previous newer; the one of another channel lies between
        assert names[0] in here.context["next"]
        assert names[3] in here.context["prev"]
        assert "channel=sms" in here.context["next"]
        last = reviewer.get(here.context["next"])
        assert last.context["next"] == ""
        assert 'rel="prev"' in last.content.decode()


SCRIPT = "<script>alert(1)</script>"


def test_a_script_in_any_field_is_only_text(reviewer: Client) -> None:
    row = turn(
        conversation=A,
        channel="<script>alert(2)",
        language="<script>",
        detected="<script>",
        decision="<script>alert(3",
        intent=SCRIPT,
        candidates=f'[{{"intent": "{SCRIPT}", "confidence": 0.5}}]',
        text=f"{SCRIPT} [{SCRIPT}] \" onload='x'",
        redacted=SCRIPT,
        feedback="<script>alert(4",
    )
    turn(candidates="not JSON")
    turn(candidates='[{"intent": ["list"], "confidence": "x"}]')
    Review.objects.create(conversation=A, labels=f"x {SCRIPT}")
    Note.objects.create(conversation=A, author=1, timestamp=1.0, text=SCRIPT)
    for address in (LIST, f"{LIST}?q=script", f"/conversations/{A}/?q={SCRIPT}&at={SCRIPT}"):
        page = reviewer.get(address).content.decode()
        assert "alert(1)" in page
        # the only scripts are the two files of the app
        assert len(re.findall("<script", page)) == 2
        assert " onload='" not in page
    assert row.id


UNKNOWN_ADDRESSES = [
    "/conversations/" + "f" * 64 + "/",
    "/conversations/" + "a" * 12 + "/",
    "/conversations/%25/",
    "/conversations/' OR 1=1 --/",
    "/conversations/queue/none/",
]


@pytest.mark.parametrize("address", UNKNOWN_ADDRESSES)
def test_an_unknown_conversation_is_not_there(address: str, reviewer: Client) -> None:
    turn()
    assert reviewer.get(address).status_code == 404
    for part in ("care/", "text/"):
        assert reviewer.post(address + part, {"do": "reviewed", "reason": "quality"}).status_code == 404
    assert not Review.objects.exists()


def care(client: Client, **data: Any) -> int:
    return client.post(f"/conversations/{A}/care/", data).status_code


def test_marking_and_unmarking(reviewer: Client) -> None:
    turn()
    assert care(reviewer, do="reviewed") == 302
    assert Review.objects.get().reviewer == User.objects.get().pk
    assert "Reviewed by reviewer" in reviewer.get(f"/conversations/{A}/").content.decode()
    assert care(reviewer, do="unreviewed") == 302
    assert Review.objects.get().reviewed is None
    assert {e.detail for e in Event.objects.filter(action=Action.REVIEWED)} == {"reviewed", "unreviewed"}


LABELS = [
    # known ones and words of one's own
    (["praise", "safety"], "night-shift", "praise safety night-shift"),
    # the same twice, capitals
    (["praise"], "praise NIGHT", "praise night"),
    ([], "", ""),
    # not a known one
    (["unheard-of"], "", None),
    # not short words
    ([], "josé", None),
    ([], "x" * 21, None),
    ([], "<b>", None),
    ([], "a b c d e f g h i", None),
]


@pytest.mark.parametrize(("labels", "others", "kept"), LABELS)
def test_labels(labels: list[str], others: str, kept: str | None, reviewer: Client) -> None:
    turn()
    status = care(reviewer, do="labels", labels=labels, others=others)
    assert status == (422 if kept is None else 302)
    assert [r.labels for r in Review.objects.all()] == ([] if kept is None else [kept])


def test_notes_are_added_and_only_ones_own_deleted(reviewer: Client, editor: Client) -> None:
    turn()
    assert care(reviewer, do="note", text="call <b>back</b>") == 302
    assert care(reviewer, do="note", text="") == 422
    assert care(reviewer, do="note", text="x" * 2001) == 422
    note = Note.objects.get()
    assert "call &lt;b&gt;back&lt;/b&gt;" in editor.get(f"/conversations/{A}/").content.decode()
    # not another's, not one of another conversation, not what is no number
    assert care(editor, do="forget", note=note.id) == 404
    turn(conversation=B)
    assert reviewer.post(f"/conversations/{B}/care/", {"do": "forget", "note": note.id}).status_code == 404
    assert care(reviewer, do="forget", note="1 OR 1=1") == 404
    assert Note.objects.exists()
    assert care(reviewer, do="forget", note=note.id) == 302
    assert not Note.objects.exists()


def test_assigning(reviewer: Client) -> None:
    made = turn()
    me = User.objects.get()
    assert care(reviewer, do="assign", person=me.pk) == 302
    assert shown(reviewer, LIST, assigned="me") == [made.id]
    assert shown(reviewer, LIST, assigned=str(me.pk)) == [made.id]
    assert shown(reviewer, LIST, assigned="nobody") == []
    assert care(reviewer, do="assign", person=99999) == 422
    assert care(reviewer, do="assign", person="") == 302
    assert shown(reviewer, LIST, assigned="nobody") == [made.id]


def test_htmx_replaces_only_the_panel(reviewer: Client) -> None:
    turn()
    response = reviewer.post(f"/conversations/{A}/care/", {"do": "reviewed"}, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert 'id="care"' in page
    assert "Saved." in page
    assert "<html" not in page


def test_a_masked_text_opens_for_a_reason_and_for_a_while(
    reviewer: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MASK_TEXT = True
    turn(text="something private")
    turn(conversation=B, text="something private")
    address = f"/conversations/{A}/"
    for page in (LIST, f"{LIST}?q=private", address):
        assert "something private" not in reviewer.get(page).content.decode()
    # words of one's own are no reason
    reviewer.post(f"{address}text/", {"reason": "because Maria asked"})
    assert "something private" not in reviewer.get(address).content.decode()
    reviewer.post(f"{address}text/", {"reason": "safety"})
    assert "something private" in reviewer.get(address).content.decode()
    assert "something private" not in reviewer.get(f"/conversations/{B}/").content.decode()
    event = Event.objects.get(action=Action.UNMASKED)
    assert (event.subject, event.detail) == (A[:12], "safety")
    # the session names no conversation
    assert A not in str(dict(reviewer.session))
    monkeypatch.setattr("staff.review.masking.SECONDS_OPEN", -1)
    reviewer.post(f"{address}text/", {"reason": "safety"})
    assert "something private" not in reviewer.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_erased_conversation_is_nowhere_and_does_not_come_back() -> None:
    from django.db import connection

    client = signed_in(person(Role.EDITOR))
    database = Database(f"sqlite:///{connection.settings_dict['NAME']}")
    row = {name: value for name, value in DEFAULTS.items() if name != "conversation"}
    row = {**row, "timestamp": 1000.0, "text": "xylophone", "decision": "unknown", "confidence": 0.1}
    database.append(A, {}, [], [row])
    made = Turn.objects.get()
    for data in ({"do": "reviewed"}, {"do": "note", "text": "xylophone?"}, {"do": "labels", "others": "xyz"}):
        assert client.post(f"/conversations/{A}/care/", data).status_code == 302
    assert shown(client, LIST, q="xylophone") == [made.id]
    database.erase([A])
    assert shown(client, LIST) == shown(client, LIST, q="xylophone") == []
    assert client.get(f"/conversations/{A}/").status_code == 404
    # what somebody does on a page that was opened before
    for data in (
        {"do": "reviewed"},
        {"do": "note", "text": "xylophone?"},
        {"do": "labels", "others": "xyz"},
        {"do": "assign", "person": ""},
    ):
        assert client.post(f"/conversations/{A}/care/", data).status_code == 404
    client.post("/conversations/treat/", {"turns": str(made.id), "kind": "noise"})
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = str(cursor.fetchall())
            assert "xylophone" not in rows, table
            assert A not in rows, table
    database.close()


VIEWS = ["review:queues", "review:list"]


@pytest.mark.parametrize("view", VIEWS)
def test_nobody_reads_without_signing_in(view: str, db: None) -> None:
    response = Client().get(reverse(view))
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/account/sign-in/")


# Each change is a POST with a token.
@pytest.mark.parametrize(
    "address", [f"/conversations/{A}/care/", f"/conversations/{A}/text/", "/conversations/treat/"]
)
def test_changes_need_a_post_with_a_token(address: str, reviewer: Client) -> None:
    turn()
    assert reviewer.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = reviewer.cookies
    assert strict.post(address, {"do": "reviewed"}).status_code == 403
    assert not Review.objects.exists()


def test_a_search_that_takes_long_stops_and_goes_on_by_a_link(
    reviewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("BUDGET", 0), ("_FIRST_WINDOW", 4), ("_FEW_ROWS", 2)):
        monkeypatch.setattr(f"staff.review.search.{name}", value)
    texts = ("daca only", "renewal only", "daca renewal", "neither")
    ids = [turn(text=texts[number % 4], conversation=str(number)).id for number in range(40)]
    found, address, steps = [], f"{LIST}?q=daca renewal ", 0
    while address:
        response = reviewer.get(address)
        found += [row["line"].turn.id for row in response.context["rows"]]
        further = response.context["further"] or response.context["older"]
        address, steps = further and LIST + further, steps + 1
    assert found == ids[2::4][::-1]
    assert steps > 3


def test_older_installations_get_the_indexes(tmp_path: Any) -> None:
    import sqlalchemy as sa

    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    Database(url).close()
    engine = sa.create_engine(url)

    def indexes() -> set[str]:
        return {index["name"] for index in sa.inspect(engine).get_indexes("turns")}

    wanted = indexes()
    assert {"turns_by_decision", "turns_by_feedback", "turns_by_intent"} <= wanted
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX turns_by_decision")
        connection.exec_driver_sql("DROP INDEX turns_by_feedback")
    Database(url).close()
    assert indexes() == wanted
    engine.dispose()


@pytest.mark.django_db
def test_invented_turns_are_like_real_ones_and_never_in_production(settings: Any) -> None:
    call_command("make_turns", 300, "--transcripts", "needed", verbosity=0)
    made = Turn.objects.all()
    assert made.count() == 300
    assert {"answer", "unknown", "choices"} <= {row.decision for row in made}
    assert {row.language for row in made} == {"en", "es"}
    # in the order of time, and found by their words
    assert [row.id for row in made.order_by("timestamp")] == sorted(row.id for row in made)
    kept = made.filter(text__isnull=False)
    assert 0 < kept.count() < 300
    one = kept.filter(decision="unknown")[0]
    assert set(Word.objects.filter(turn=one.id).values_list("word", flat=True)) == words_of(one.text or "")
    settings.INSTALLATION = dataclasses.replace(settings.INSTALLATION, env="production")
    with pytest.raises(CommandError):
        call_command("make_turns", 1)
    assert made.count() == 300
