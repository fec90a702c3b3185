"""The queues: what is in them, how similar questions come together, and what becomes of them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from django.test import Client

from staff.audit.models import Action, Event
from staff.review import queues, similar
from staff.review.models import Treatment, Turn
from staff.review.queues import BY_NAME, COUNTED, Item
from tests.staff.turns import turn

A, B = "a" * 64, "b" * 64
TREAT = "/conversations/treat/"


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that need no groups do not wait for the encoders."""
    monkeypatch.setattr(similar.MEMORY, "learn_in_background", lambda _texts: None)


MEMBERS = [
    # what a turn is like, and the queues in which it is
    ({"decision": "unknown", "intent": "nlu_fallback"}, {"unknown"}),
    ({"decision": "urgent", "intent": "urgent/at_door"}, {"urgent"}),
    # an answer: by its confidence
    ({"confidence": 0.6}, {"unsure"}),
    ({"confidence": 0.75}, {"sample"}),
    # choices that nobody refused are none
    ({"decision": "choices", "intent": "nlu_fallback"}, set()),
    ({"decision": "dialogue", "intent": "greet"}, set()),
    # feedback
    ({"feedback": "helped"}, {"sample"}),
    ({"feedback": "not_helped"}, {"sample", "feedback"}),
    ({"feedback": "outdated"}, {"sample", "feedback"}),
    ({"feedback": "wrong"}, {"sample", "feedback"}),
    # the language
    ({"detected": "mixed"}, {"sample", "language"}),
    ({"detected": "und"}, {"sample", "language"}),
    ({"detected": "es", "language": "en"}, {"sample", "language"}),
    ({"detected": "pt", "language": "es"}, {"sample", "language"}),
    ({"detected": "es", "language": "es"}, {"sample"}),
    ({"detected": "", "decision": "dialogue"}, set()),
    # a text that was not kept can be read by nobody
    ({"decision": "unknown", "text": None}, set()),
    ({"feedback": "wrong", "text": None}, set()),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("values", "names"), MEMBERS, ids=[str(values) for values, _ in MEMBERS])
def test_a_turn_is_in_the_queues_that_its_row_says(
    values: dict[str, Any], names: set[str], settings: Any
) -> None:
    settings.INSTALLATION = dataclasses.replace(settings.INSTALLATION, transcripts="needed")
    made = turn(**values)
    assert {name for name, queue in BY_NAME.items() if queue.count()} == names
    assert {name for name, queue in BY_NAME.items() if queue.items()} == names
    # whatever is done about it, it leaves all of them
    Treatment.objects.create(turn=made.id, conversation=A, kind="noise", author=1, timestamp=1.0)
    assert not any(queue.count() or queue.items() for queue in BY_NAME.values())


@pytest.mark.django_db
def test_of_refused_choices_the_question_is_shown_and_both_are_treated() -> None:
    turn(decision="choices", text="an earlier question")
    question = turn(decision="choices", text="what about my green card")
    other = turn(conversation=B, decision="choices", text="another conversation")
    refusal = turn(decision="dialogue", intent="none_of_these", text="none of these")
    assert BY_NAME["refused"].items() == [Item(question, (question.id, refusal.id))]
    assert BY_NAME["refused"].count() == 1
    # a refusal of nothing that is known
    turn(conversation="c" * 64, decision="dialogue", intent="none_of_these")
    assert BY_NAME["refused"].count() == 1
    assert other.id not in {i for item in BY_NAME["refused"].items() for i in item.turns}


@pytest.mark.django_db
def test_the_sample_of_all_texts_is_the_same_each_time_and_about_a_twentieth(settings: Any) -> None:
    settings.INSTALLATION = dataclasses.replace(settings.INSTALLATION, transcripts="full")
    made = turn()
    values = {field.attname: getattr(made, field.attname) for field in Turn._meta.fields}
    Turn.objects.bulk_create(
        Turn(**{**values, "id": number}) for number in range(made.id + 1, made.id + 3001)
    )
    drawn = [item.turn.id for item in BY_NAME["sample"].items()]
    assert drawn == [item.turn.id for item in BY_NAME["sample"].items()]
    assert 100 < len(drawn) < 200


@pytest.mark.django_db
def test_counts_end_where_nobody_counts_any_more(monkeypatch: pytest.MonkeyPatch, reviewer: Client) -> None:
    for module in ("queues", "queue_views"):
        monkeypatch.setattr(f"staff.review.{module}.COUNTED", 2)
    for _ in range(4):
        turn(decision="unknown")
    assert queues.BY_NAME["unknown"].count() == 3
    assert "more than 2" in reviewer.get("/conversations/").content.decode()
    assert COUNTED == 1_000


# The same need in both languages, in words that people use.
PAIRS = [
    ("how do i renew my daca", "como renuevo mi daca"),
    ("can my boss fire me because i have no papers", "¿me puede despedir mi patrón por no tener papeles?"),
    ("my brother was detained, how can i find him", "detuvieron a mi hermano, cómo lo encuentro"),
    ("ICE is at my door, what should I do", "la migra está en mi puerta, qué hago"),
    ("can ice come into my house without a warrant", "puede la migra entrar a mi casa sin orden"),
]


@pytest.mark.django_db
def test_the_same_need_is_one_group_in_both_languages_and_two_needs_are_two() -> None:
    items = []
    for number, (english, spanish) in enumerate(PAIRS):
        for language, text in (("en", english), ("es", spanish)):
            made = turn(language=language, text=text, conversation=f"{number}{language}".ljust(64, "0"))
            items.append(Item(made, (made.id,)))
    # the same words again, in capitals
    again = turn(text="HOW DO I RENEW MY DACA?", conversation=B)
    items.append(Item(again, (again.id,)))
    groups, missing = similar.grouped(similar.wordings_of(items), wait=True)
    assert missing == 0
    assert {frozenset(item.text for item in group.items) for group in groups} == {
        frozenset({*pair, again.text} if index == 0 else pair) for index, pair in enumerate(PAIRS)
    }
    biggest = groups[0]
    assert (biggest.count, len(biggest.wordings), len(biggest.languages)) == (3, 2, 2)


@pytest.mark.django_db
def test_a_wording_of_three_conversations_points_to_nobody() -> None:
    def wording(*conversations: str) -> similar.Wording:
        made = [turn(conversation=name) for name in conversations]
        (only,) = similar.wordings_of([Item(row, (row.id,)) for row in made])
        return only

    assert wording("1", "2", "3").common
    # three times in two conversations is not three conversations
    assert not wording("4", "5", "5").common


def test_the_memory_forgets_what_was_not_seen_for_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "_REMEMBERED", 2)
    memory = similar.Memory()
    memory.learn(["one", "two"])
    assert set(memory.known(["one"])) == {"one"}
    memory.learn(["three"])
    assert set(memory.known(["one", "two", "three"])) == {"one", "three"}
    # what is kept is no text
    assert all(isinstance(key, bytes) and b"one" not in key for key in memory._vectors)


def test_a_queue_shows_groups_with_suggestions(editor: Client, fast: None) -> None:
    for number in range(3):
        turn(
            decision="unknown",
            conversation=str(number) * 64,
            text="where is my <b>card</b>",
            candidates=json.dumps(
                [
                    {"intent": "faq/daca_lost_work_permit", "confidence": 0.2},
                    {"intent": "faq/daca_renewal_when", "confidence": 0.1 + number / 10},
                    {"intent": "faq/gone", "confidence": 0.9},
                ]
            ),
        )
    response = editor.get("/conversations/queue/unknown/")
    page = response.content.decode()
    (item,) = response.context["groups"]
    assert [s.answer.id for s in item["suggestions"] if s.answer] == [
        "daca_lost_work_permit",
        "daca_renewal_when",
    ]
    assert item["group"].count == 3
    assert "where is my &lt;b&gt;card&lt;/b&gt;" in page
    assert "in 3 conversations or more" in page
    assert "3 questions (en)" in page


def test_a_queue_has_pages(reviewer: Client, fast: None) -> None:
    for number in range(12):
        turn(decision="unknown", text=f"question {number}")
    assert len(reviewer.get("/conversations/queue/unknown/").context["groups"]) == 10
    assert len(reviewer.get("/conversations/queue/unknown/?page=1").context["groups"]) == 2
    for page in ("99", "-1", "x", "9" * 50, "²"):
        assert reviewer.get("/conversations/queue/unknown/", {"page": page}).status_code == 200


def test_while_vectors_are_missing_the_page_says_how_far_it_is(reviewer: Client, fast: None) -> None:
    turn(decision="unknown", text="a text that no vector was computed for")
    page = reviewer.get("/conversations/queue/unknown/").content.decode()
    assert "<progress" in page
    part = reviewer.get("/conversations/queue/unknown/?progress=1", headers={"HX-Request": "true"})
    assert "<progress" in part.content.decode()
    assert "<html" not in part.content.decode()


def test_a_masked_queue_opens_for_a_reason(reviewer: Client, fast: None, settings: Any) -> None:
    settings.MASK_TEXT = True
    turn(decision="unknown", text="something private")
    address = "/conversations/queue/unknown/"
    assert "something private" not in reviewer.get(address).content.decode()
    reviewer.post(f"{address}text/", {"reason": "none"})
    assert "something private" not in reviewer.get(address).content.decode()
    reviewer.post(f"{address}text/", {"reason": "teaching"})
    assert "something private" in reviewer.get(address).content.decode()
    assert Event.objects.get(action=Action.UNMASKED).subject == "queue unknown"


@pytest.mark.parametrize("transcripts", ["full", "needed", "none"])
def test_what_is_not_kept_is_said(transcripts: str, reviewer: Client, settings: Any) -> None:
    settings.INSTALLATION = dataclasses.replace(settings.INSTALLATION, transcripts=transcripts)
    page = reviewer.get("/conversations/").content.decode()
    assert ("This installation keeps no texts" in page) == (transcripts == "none")


TREATMENTS = [
    # who, what is sent, what is written down: kind and entry, or the status of a refusal
    ("reviewer", {"kind": "noise"}, ("noise", "")),
    ("reviewer", {"kind": "out_of_scope"}, ("out_of_scope", "")),
    ("reviewer", {"kind": "fine"}, ("fine", "")),
    # an answer that goes with another kind is not meant
    ("reviewer", {"kind": "fine", "entry": "daca_renewal_when"}, ("fine", "")),
    # only an editor teaches
    ("reviewer", {"kind": "assigned", "entry": "daca_renewal_when"}, 403),
    ("reviewer", {"assign": "daca_renewal_when"}, 403),
    ("reviewer", {"kind": "new_entry"}, 403),
    ("reviewer", {"kind": "noise", "assign": "daca_renewal_when"}, 403),
    ("editor", {"kind": "assigned", "entry": "daca_renewal_when"}, ("assigned", "daca_renewal_when")),
    ("editor", {"assign": "urgent/at_door"}, ("assigned", "urgent/at_door")),
    ("editor", {"kind": "new_entry"}, ("new_entry", "")),
    # a suggestion counts more than what stands in the list
    ("editor", {"assign": "urgent/at_door", "entry": "daca_renewal_when"}, ("assigned", "urgent/at_door")),
    # nothing that makes sense
    ("editor", {"kind": "assigned", "entry": "no_such_entry"}, None),
    ("editor", {"kind": "assigned"}, None),
    ("editor", {"kind": "unheard_of"}, None),
    ("editor", {}, None),
]


@pytest.mark.parametrize(("who", "data", "result"), TREATMENTS)
def test_treating(who: str, data: dict[str, str], result: Any, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    one, two = turn(), turn(conversation=B)
    response = client.post(TREAT, {"turns": [f"{one.id},{two.id}", "99999"], **data})
    written = set(Treatment.objects.values_list("turn", "conversation", "kind", "entry"))
    if not isinstance(result, tuple):
        assert response.status_code == (result or 302)
        assert not written
        return
    assert response.status_code == 302
    assert written == {(one.id, A, *result), (two.id, B, *result)}
    event = Event.objects.get(action=Action.TAUGHT)
    assert event.detail == f"{result[0]}: 2" + (f", {result[1]}" if result[1] else "")


@pytest.mark.parametrize(
    ("data", "leads"),
    [
        ({"assign": "daca_renewal_when"}, "/answers/example/?turn={id}&entry=daca_renewal_when"),
        ({"kind": "new_entry"}, "/answers/new/?turn={id}&entry="),
        ({"kind": "noise"}, "/conversations/"),
    ],
)
def test_what_is_taught_leads_to_where_it_is_written(
    data: dict[str, str], leads: str, editor: Client
) -> None:
    made = turn()
    response = editor.post(TREAT, {"turns": made.id, **data})
    assert response.headers["Location"] == leads.format(id=made.id)
    # without a text there is nothing to write from
    nothing = turn(text=None)
    assert editor.post(TREAT, {"turns": nothing.id, **data}).headers["Location"] == "/conversations/"


BAD_TURNS = ["", "x", "1,x", "0", "-1", "1;2", "99999999999", ",".join("1" * 1001)]


@pytest.mark.parametrize("turns", BAD_TURNS, ids=[turns[:12] for turns in BAD_TURNS])
def test_turns_that_make_no_sense_are_not_treated(turns: str, reviewer: Client) -> None:
    turn()
    response = reviewer.post(TREAT, {"turns": turns, "kind": "noise"}, follow=True)
    assert "errorlist" in response.content.decode() or "error" in response.content.decode()
    assert not Treatment.objects.exists()


def test_what_was_treated_can_be_treated_otherwise(reviewer: Client) -> None:
    made = turn()
    for kind in ("noise", "fine"):
        reviewer.post(TREAT, {"turns": made.id, "kind": kind})
    assert Treatment.objects.get().kind == "fine"


BACK = [
    ("/conversations/queue/unknown/", "/conversations/queue/unknown/"),
    # nowhere else
    ("https://example.com/", "/conversations/"),
    ("//example.com/", "/conversations/"),
    ("/\\example.com/", "/conversations/"),
    ("javascript:alert(1)", "/conversations/"),
    ("", "/conversations/"),
]


@pytest.mark.parametrize(("where", "leads"), BACK)
def test_it_leads_back_to_where_one_was(where: str, leads: str, reviewer: Client) -> None:
    made = turn()
    response = reviewer.post(TREAT, {"turns": made.id, "kind": "fine", "next": where})
    assert response.headers["Location"] == leads
