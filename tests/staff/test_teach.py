"""From a question that was asked to an example, or to a new answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from staff.audit.models import Action, Event
from staff.review.models import Treatment
from staff.teach.models import Change
from staff.teach.rewrite import known_words, places_in, suggest
from tests.staff.teaching import SCRIPT, asked, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_draft")]

WHERE = "/answers/example/"
ID = "general_voting"


def texts(id_: str = f"faq/{ID}") -> list[str]:
    return [example.text for example in opened().catalogue().entries[id_].examples]


#: What was asked, and what is suggested: nothing in it points to one person.
REWRITES = [
    # Case and spaces only: it is the same question.
    ("What  IS daca", "what is daca", False),
    # Labels of what the assistant took out, and what it overlooked.
    ("my number is [A-number] what now", "my number is what now", True),
    ("call me at 213-555-0147 please", "call me at please", True),
    ("me llamo Juan Perez y quiero renovar", "me llamo y quiero renovar", True),
    # Numbers go, those of forms stay.
    ("how much is the $555 fee for form I-765?", "how much is the fee for form i-765?", True),
    ("mi hijo tiene 9 años", "mi hijo tiene años", True),
    # Places and schools go with the word that leads to them.
    ("my boss at McDonalds took my pay", "my boss took my pay", True),
    ("la agarraron en la escuela lincoln en Houston Texas", "la agarraron en la escuela", True),
    ("raids in north carolina today", "raids today", True),
    # Names go; abbreviations and everyday words in capitals stay.
    ("my cousin Marisol was taken", "my cousin was taken", True),
    ("can ICE ask for my Green Card", "can ice ask for my green card", False),
    # Brackets and braces are no part of a question.
    ("what {is} this", "what is this", False),
]


@pytest.mark.parametrize(("text", "expected", "changed"), REWRITES)
def test_the_suggestion_points_to_nobody(text: str, expected: str, changed: bool) -> None:
    known, places = known_words(opened().catalogue()), places_in(opened().root)
    found = suggest(text, known, places)
    assert (found.text, found.changed) == (expected, changed)


def test_the_page_offers_the_rewrite_and_the_nearest_answers(editor: Client) -> None:
    turn = asked(
        "can my cousin Marisol vote in Houston",
        candidates=[("faq/general_voting", 0.4), ("faq/daca_what_it_is", 0.3), ("faq/zzz", 0.2)],
    )
    page = editor.get(WHERE, {"turn": turn.pk, "entry": ID})
    form = page.context["form"]
    assert form.initial["text"] == "can my cousin vote"
    assert [c.answer.id for c in page.context["nearest"]] == [ID, "daca_what_it_is"]
    # Whoever looked is in the log, with the start of the keyed name only.
    event = Event.objects.get(action=Action.VIEWED)
    assert event.subject == turn.conversation[:12]


def test_an_example_lands_in_the_draft_without_any_link(editor: Client) -> None:
    turn = asked("can my cousin Marisol vote wombat", conversation="d" * 64)
    data = {"turn": turn.pk, "entry": ID, "language": "en", "text": "can a wombat vote"}
    assert editor.post(WHERE, data).status_code == 302
    assert "can a wombat vote" in texts()
    treatment = Treatment.objects.get()
    assert (treatment.turn, treatment.kind, treatment.entry) == (turn.pk, "assigned", ID)
    # No table of Django's and no file knows from where it came.
    with connection.cursor() as cursor:
        for model in (Change, Event):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            rows = str(cursor.fetchall())
            for trace in ("d" * 8, "wombat", "Marisol"):
                assert trace not in rows
    for path in opened().folder.rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert "Marisol vote" not in text
        assert "d" * 12 not in text


@pytest.mark.parametrize(
    ("seen", "confirmed", "saved"),
    [
        (1, False, False),  # somebody's own words
        (2, False, False),
        (3, False, True),  # so many people say it in these words
        (1, True, True),  # the editor says that they point to nobody
    ],
)
def test_a_persons_own_words_are_not_taken_as_they_are(
    editor: Client, seen: int, confirmed: bool, saved: bool
) -> None:
    turns = [asked("May a WOMBAT vote?", conversation=f"{n}" * 64) for n in range(seen)]
    # The same conversation again says nothing new.
    asked("may a wombat vote", conversation="0" * 64)
    data = {"turn": turns[0].pk, "entry": ID, "language": "en", "text": "may a wombat vote?"}
    response = editor.post(WHERE, data | ({"confirmed": "on"} if confirmed else {}))
    assert (response.status_code == 302) is saved
    assert ("may a wombat vote?" in texts()) is saved
    assert Treatment.objects.exists() is saved


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("call me at 213-555-0147", "personal data"),  # even when the editor confirms
        ("my number is [A-number]", "personal data"),
        ("me llamo Juan Perez", "personal data"),
        ("what is daca", "already in"),
        ("what {is} it", "brackets"),
        ("zzz\u202e wombat", "invisible"),
    ],
)
def test_what_cannot_be_an_example_is_refused_with_why(editor: Client, text: str, words: str) -> None:
    turn = asked("can a wombat vote")
    data = {"turn": turn.pk, "entry": ID, "language": "en", "text": text, "confirmed": "on"}
    response = editor.post(WHERE, data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert opened().changes() == []
    assert not Treatment.objects.exists()


@pytest.mark.parametrize(
    ("entry", "kind", "intent"),
    [
        ("urgent/at_door", "assigned", "urgent/at_door"),
        ("near_scope:visas", "assigned", "near_scope"),
        ("out_of_scope", "out_of_scope", "out_of_scope"),
    ],
)
def test_a_question_can_belong_elsewhere(editor: Client, entry: str, kind: str, intent: str) -> None:
    turn = asked("zzz can Marisol wombat")
    data = {"turn": turn.pk, "entry": entry, "language": "en", "text": "zzz wombat"}
    assert editor.post(WHERE, data).status_code == 302
    assert [(c.entry, c.added[0].text) for c in opened().changes()] == [(intent, "zzz wombat")]
    assert Treatment.objects.get().kind == kind


@pytest.mark.parametrize("entry", ["zzz", "near_scope", "near_scope:zzz", "dialogue", "", "../x"])
def test_there_is_no_other_place_for_it(editor: Client, entry: str) -> None:
    turn = asked("zzz can Marisol wombat")
    data = {"turn": turn.pk, "entry": entry, "language": "en", "text": "zzz wombat"}
    assert editor.post(WHERE, data).status_code == 422
    assert not opened().exists


def test_a_group_is_treated_at_once(editor: Client) -> None:
    turns = [asked(f"zzz can Marisol wombat {n}", conversation=f"{n}" * 64) for n in range(3)]
    data = {"turn": [t.pk for t in turns], "entry": ID, "language": "en", "text": "zzz wombat"}
    assert editor.post(WHERE, data).status_code == 302
    assert Treatment.objects.count() == 3
    assert texts().count("zzz wombat") == 1


@pytest.mark.parametrize("turn", ["", "0", "-1", "zzz", "9" * 30, "1 OR 1=1"])
@pytest.mark.parametrize("where", [WHERE, "/answers/new/"])
def test_a_turn_that_is_not_there(editor: Client, turn: str, where: str) -> None:
    status = editor.get(where, {"turn": turn}).status_code
    assert status in ((200, 404) if where.endswith("new/") else (404,))


def test_a_text_that_is_not_kept_cannot_be_taught(editor: Client) -> None:
    turn = asked("zzz")
    turn.text = None
    turn.save()
    assert editor.get(WHERE, {"turn": turn.pk}).status_code == 404


def test_a_masked_text_needs_a_reason(editor: Client, settings: Any) -> None:
    settings.MASK_TEXT = True
    turn = asked("can my wombat vote")
    where = f"{WHERE}?turn={turn.pk}&entry={ID}"
    page = editor.get(where).content.decode()
    assert "wombat" not in page
    response = editor.post(where, {"open": "1", "reason": "teaching"})
    assert (response.status_code, response["Location"]) == (302, where)
    assert "wombat" in editor.get(where).content.decode()
    assert Event.objects.get(action=Action.UNMASKED).detail == "teaching"


WEB = "No. Only citizens may vote.\n\nAsk a lawyer if you did."
WEB_ES = "No. Solo los ciudadanos pueden votar.\n\nPregunte a un abogado si lo hizo."
NEW = {
    "id": "general_wombat",
    "topic": "general",
    "title_en": "May a wombat vote?",
    "title_es": "¿Puede votar un wombat?",
    "text_en_web": WEB,
    "text_es_web": WEB_ES,
    "text_en_sms": "No. Only citizens may vote.",
    "text_es_sms": "No. Solo los ciudadanos pueden votar.",
    "source_org": "USA.gov",
    "source_title": "Who can vote",
    "source_url": "https://www.usa.gov/who-can-vote",
    "source_as_of": "2026-11-01",
    "volatile": "on",
    "examples_en": "\n".join(f"may wombat number {n} vote" for n in "abcdefghijklm"),
    "examples_es": "\n".join(f"puede votar el wombat {n}" for n in "abcdefghijklm"),
}


def test_a_new_answer_from_a_question(editor: Client) -> None:
    turn = asked("may my cousin Marisol the wombat vote")
    page = editor.get("/answers/new/", {"turn": turn.pk})
    form = page.context["form"]
    assert form.initial == {"examples_en": "may my cousin the wombat vote"}
    assert editor.post("/answers/new/", {**NEW, "turn": turn.pk}).status_code == 302
    entry = opened().catalogue().entries["faq/general_wombat"]
    assert (entry.status, entry.topic, len(entry.examples)) == ("draft", "general", 26)
    assert entry.text("es", "web") == WEB_ES
    assert editor.get("/answers/general_wombat/").context["problems"] == []
    treatment = Treatment.objects.get()
    assert (treatment.kind, treatment.entry) == ("new_entry", "general_wombat")
    # It can be opened, found and discarded.
    assert editor.get("/answers/general_wombat/").status_code == 200
    assert editor.get("/answers/", {"q": "wombat"}).context["count"] == 1
    assert editor.post("/answers/general_wombat/discard/")["Location"] == "/answers/"
    assert not opened().exists


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "general_voting"}, "short name is taken"),
        ({"id": "new"}, "short name is taken"),
        ({"id": "../x"}, "letter first"),
        ({"id": "x: y"}, "letter first"),
        ({"topic": "zzz"}, "zzz"),
        ({"source_url": "javascript:alert(1)"}, "https://"),
        ({"text_es_sms": ""}, "This text is missing"),
        ({"examples_es": "uno"}, "at least 12 are needed"),
        ({"text_en_web": "A {brace}. Only citizens may vote."}, "{ or }"),
        ({"examples_en": "my number is 213-555-0147"}, "personal data"),
    ],
)
def test_a_bad_new_answer_is_shown_with_where(editor: Client, changes: dict[str, str], words: str) -> None:
    response = editor.post("/answers/new/", {**NEW, **changes})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert opened().changes() == []


def test_an_unfinished_new_answer_is_kept_and_marked(editor: Client) -> None:
    data = {**NEW, "text_es_web": "", "examples_es": "", "incomplete": "1"}
    assert editor.post("/answers/new/", data).status_code == 302
    rows = [
        row for _, rows in editor.get("/answers/", {"state": "incomplete"}).context["topics"] for row in rows
    ]
    assert [(row.entry.id, row.problems > 1) for row in rows] == [("general_wombat", True)]


def test_a_new_answer_does_not_take_a_persons_words(editor: Client) -> None:
    turn = asked("May the wombat vote")
    data = {**NEW, "turn": turn.pk, "examples_en": NEW["examples_en"] + "\nmay the wombat vote"}
    assert editor.post("/answers/new/", data).status_code == 422
    assert editor.post("/answers/new/", {**data, "confirmed": "on"}).status_code == 302


def test_a_script_in_a_question_is_text(editor: Client) -> None:
    turn = asked(f"wombat {SCRIPT}", candidates=[(SCRIPT, 0.4)])
    pages = [
        editor.get(WHERE, {"turn": turn.pk, "entry": SCRIPT}),
        editor.post(WHERE, {"turn": turn.pk, "entry": SCRIPT, "text": SCRIPT, "language": SCRIPT}),
        editor.get("/answers/new/", {"turn": turn.pk}),
        editor.post("/answers/new/", dict.fromkeys(NEW, SCRIPT)),
        editor.post("/answers/new/", {**dict.fromkeys(NEW, SCRIPT), "id": "zzz_new", "topic": "general"}),
    ]
    for page in pages:
        assert page.status_code in (200, 422)
        assert SCRIPT not in page.content.decode()


def test_the_pages_are_in_spanish_too(editor: Client) -> None:
    editor.cookies["conoce_staff_language"] = "es"
    turn = asked("puede votar un wombat", language="es")
    page = editor.get(WHERE, {"turn": turn.pk}).content.decode()
    assert "Enseñar una pregunta" in page
    assert "Respuesta nueva" in editor.get("/answers/new/").content.decode()
