"""The pages of the answers: list, edit, approve, discard."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client

from staff.accounts.roles import Role
from staff.audit.models import Action, Event
from staff.teach.models import Change
from tests.staff.conftest import person, signed_in
from tests.staff.teaching import SCRIPT, form_of, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_draft")]

ID = "general_voting"


def entry(id_: str = ID) -> Any:
    return opened().catalogue().entries[f"faq/{id_}"]


def test_the_list_shows_all_answers_and_finds_them(reviewer: Client) -> None:
    page = reviewer.get("/answers/")
    assert page.context["count"] == len(opened().catalogue().entries)
    assert "New answer" not in page.content.decode(), "only editors write"
    # Accents and case do not matter, and both languages are searched.
    for query in ("votar ciudadano", "VOTE citizen", "general_voting"):
        found = reviewer.get("/answers/", {"q": query})
        ids = [row.entry.id for _topic, rows in found.context["topics"] for row in rows]
        assert ID in ids, query
        assert found.context["count"] < 60


@pytest.mark.parametrize(
    ("state", "some"),
    [
        ("draft", True),  # all are, until a lawyer read them
        ("approved", False),
        ("changed", False),
        ("incomplete", False),
        ("nonsense", True),  # shows all
    ],
)
def test_the_list_is_narrowed(reviewer: Client, state: str, some: bool) -> None:
    assert bool(reviewer.get("/answers/", {"state": state}).context["count"]) is some


def test_an_edit_goes_into_the_draft_and_only_there(editor: Client) -> None:
    before = entry().title["en"]
    response = editor.post(f"/answers/{ID}/", form_of(editor, ID, title_en="May I vote if not a citizen?"))
    assert response.status_code == 302
    assert entry().title["en"] == "May I vote if not a citizen?"
    assert opened().published_catalogue().entries[f"faq/{ID}"].title["en"] == before
    assert [c.summary for c in opened().changes()] == ["title.en"]
    change = Change.objects.get()
    assert (change.entry, change.fields) == (ID, "title.en")
    assert Event.objects.filter(action=Action.EDITED, subject=ID).count() == 1
    # The page shows the difference word by word, who made it, and the list marks the answer.
    page = editor.get(f"/answers/{ID}/").content.decode()
    assert "<ins>May</ins>" in page
    assert "editor" in page
    assert editor.get("/answers/", {"state": "changed"}).context["count"] == 1


def test_saving_without_a_change_changes_nothing(editor: Client) -> None:
    assert editor.post(f"/answers/{ID}/", form_of(editor, ID)).status_code == 302
    assert not opened().exists
    assert not Change.objects.exists()


def test_urgent_answers_have_a_page_too(editor: Client) -> None:
    data = form_of(editor, "urgent/at_door", title_en="Agents are at my door")
    assert editor.post("/answers/urgent/at_door/", data).status_code == 302
    assert opened().catalogue().entries["urgent/at_door"].title["en"] == "Agents are at my door"


PHONE = "Call 1-800-555-0100."

#: What is wrong, the fields, the field that the page names, and words that it says.
BAD = {
    "a language is missing": ({"text_es_web": ""}, "text.es.web", "missing"),
    "a title is missing": ({"title_es": ""}, "title.es", "1 to 60"),
    "a title is too long": ({"title_en": "x" * 61}, "title.en", "1 to 60"),
    "a stray brace": ({"text_en_web": "You may {not} vote."}, "text.en.web", "{ or }"),
    "a phone in one language": ({"text_en_web": PHONE}, "text.es.web", "1-800-555-0100"),
    "a phone by SMS only": ({"text_en_sms": PHONE, "text_es_sms": PHONE}, "text.en.sms", "1-800-555-0100"),
    "tu and not usted": ({"text_es_sms": "Tú no puedes votar."}, "text.es.sms", "usted"),
    "no date": ({"review_by": "soon"}, "review_by", "date"),
    "a date that is none": ({"reviewed": "2026-02-30"}, "reviewed", "date"),
    "no address": ({"source_url": ["javascript:alert(1)"]}, "sources", "https://"),
    "a broken address": ({"source_url": ["https://exa mple.org"]}, "sources", "https://"),
    "an unknown answer": ({"related": ["zzz"]}, "related", "zzz"),
    "an unknown organization": ({"resources": ["zzz"]}, "resources", "zzz"),
    "invisible characters": ({"text_en_sms": "You may not vote\u202e."}, "text.en.sms", "U+202E"),
    "a control character": ({"title_en": "Bell \x07"}, "title.en", "U+0007"),
    "too many segments": ({"text_en_sms": "Do not vote. " * 50}, "text.en.sms", "segments"),
    "too hard": (
        {
            "text_en_web": "Notwithstanding constitutional considerations, administrative adjudication "
            "unquestionably necessitates comprehensive documentation."
        },
        "text.en.web",
        "Too hard",
    ),
    "a forbidden word": ({"text_es_sms": "Los ilegales no votan."}, "text.es.sms", "not used here"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_edit_is_shown_with_where_and_not_saved(editor: Client, name: str) -> None:
    changes, field, words = BAD[name]
    data = form_of(editor, ID)
    for key, value in changes.items():
        if key.startswith("source_"):
            value = [*value, *data[key][1:]]
        data[key] = value
    response = editor.post(f"/answers/{ID}/", data)
    assert response.status_code == 422
    refused = response.context["refused"]
    assert any(p.field == field and words in p.message for p in refused), refused
    assert not opened().exists


def test_an_incomplete_edit_is_kept_but_cannot_be_published(editor: Client) -> None:
    data = form_of(editor, ID, text_es_web="", incomplete="1")
    assert editor.post(f"/answers/{ID}/", data).status_code == 302
    assert any(ID in p and "web texts in es" in p for p in opened().problems())
    assert editor.get("/answers/", {"state": "incomplete"}).context["count"] == 1
    # It cannot be approved either.
    digest = opened().digest(ID)
    editor.post(f"/answers/{ID}/approve/", {"digest": digest, "reviewed_by": "lawyer"})
    assert entry().status == "draft"


@pytest.mark.parametrize(
    "changes",
    [
        {"source_org": [], "source_title": [], "source_url": [], "source_as_of": []},  # no source
        {"reviewed": ""},
        {"text_en_web": "Bell \x07"},  # YAML holds no such character
        {"text_en_web": "Null \x00"},
    ],
)
def test_what_could_not_be_read_again_is_not_even_kept(editor: Client, changes: dict[str, Any]) -> None:
    data = form_of(editor, ID, incomplete="1", **changes)
    response = editor.post(f"/answers/{ID}/", data)
    assert response.status_code == 422
    assert response.context["refused"]
    assert opened().changes() == []


def test_of_two_editors_the_second_sees_that_the_first_changed_it(editor: Client) -> None:
    other = signed_in(person(Role.EDITOR, "other@example.org"))
    mine, theirs = form_of(editor, ID, title_en="Mine?"), form_of(other, ID, title_en="Theirs?")
    assert other.post(f"/answers/{ID}/", theirs).status_code == 302
    response = editor.post(f"/answers/{ID}/", mine)
    assert response.status_code == 409
    page = response.content.decode()
    assert "<del>Theirs?</del><ins>Mine?</ins>" in page
    assert entry().title["en"] == "Theirs?"
    # Having seen it, the first may save again.
    again = {**mine, "digest": response.context["form"].data["digest"]}
    assert editor.post(f"/answers/{ID}/", again).status_code == 302
    assert entry().title["en"] == "Mine?"


@pytest.mark.parametrize("digest", ["", "zzz"])
def test_a_form_without_the_right_digest_is_not_saved(editor: Client, digest: str) -> None:
    response = editor.post(f"/answers/{ID}/", form_of(editor, ID, title_en="Zzz?", digest=digest))
    assert response.status_code == 409


def test_approving_sets_status_and_dates(editor: Client) -> None:
    volatile = entry().volatile
    data = {"digest": opened().digest(ID), "reviewed_by": "lawyer"}
    assert editor.post(f"/answers/{ID}/approve/", data).status_code == 302
    today = datetime.datetime.now(tz=datetime.UTC).date()
    found = entry()
    assert (found.status, found.reviewed, found.reviewed_by) == ("approved", today.isoformat(), "lawyer")
    days = 60 if volatile else 365
    assert found.review_by == (today + datetime.timedelta(days)).isoformat()
    assert Event.objects.filter(action=Action.APPROVED, subject=ID).exists()
    # A later change of the text needs a new approval; a question does not.
    editor.post(f"/answers/{ID}/examples/", {"text": "zzz wombat", "language": "en"})
    assert entry().status == "approved"
    editor.post(f"/answers/{ID}/", form_of(editor, ID, title_en="May I vote?"))
    assert entry().status == "draft"


@pytest.mark.parametrize(
    ("digest", "reviewed_by"),
    [
        ("", "lawyer"),  # of which text?
        ("zzz", "lawyer"),  # of another text than this one
        (None, ""),  # by whom?
        (None, "the cat"),
    ],
)
def test_an_approval_names_the_text_and_who_read_it(
    editor: Client, digest: str | None, reviewed_by: str
) -> None:
    data = {"digest": opened().digest(ID) if digest is None else digest, "reviewed_by": reviewed_by}
    editor.post(f"/answers/{ID}/approve/", data)
    assert entry().status == "draft"


def test_a_second_person_approves(editor: Client, settings: Any) -> None:
    settings.SECOND_PERSON = True
    other = signed_in(person(Role.EDITOR, "other@example.org"))
    editor.post(f"/answers/{ID}/", form_of(editor, ID, title_en="May I vote?"))
    data = {"digest": opened().digest(ID), "reviewed_by": "lawyer"}
    editor.post(f"/answers/{ID}/approve/", data)
    assert entry().status == "draft", "nobody approves what they changed"
    other.post(f"/answers/{ID}/approve/", data)
    assert entry().status == "approved"


def test_discarding_brings_the_published_text_back(editor: Client) -> None:
    editor.post(f"/answers/{ID}/", form_of(editor, ID, title_en="May I vote?"))
    editor.post(f"/answers/{ID}/examples/", {"text": "zzz wombat", "language": "en"})
    assert editor.post(f"/answers/{ID}/discard/").status_code == 302
    assert not opened().exists
    assert not Change.objects.exists()


def test_questions_are_added_and_taken_out(editor: Client) -> None:
    where = f"/answers/{ID}/examples/"
    editor.post(where, {"text": "zzz wombat", "language": "en"})
    assert entry().examples[-1].text == "zzz wombat" or "zzz wombat" in [e.text for e in entry().examples]
    editor.post(where, {"text": "zzz wombat", "language": "en", "remove": "1"})
    assert "zzz wombat" not in [e.text for e in entry().examples]
    # One that stands elsewhere already is refused, with where.
    page = editor.post(where, {"text": "what is DACA?", "language": "en"}, follow=True)
    assert "already in" in page.content.decode()
    assert opened().changes() == []


def test_the_live_check_says_how_an_unsaved_text_reads(editor: Client) -> None:
    data = form_of(editor, ID, text_en_sms="You may not vote.", text_es_sms="No puede votar. 100")
    response = editor.post(f"/answers/{ID}/check/", data, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in page
    sms = {f.field: f.segments for f in response.context["figures"] if f.segments}
    assert sms == {"text.en.sms": 1, "text.es.sms": 1}
    assert any(p.field == "text.es.sms" and "100" in p.message for p in response.context["problems"])
    previews = {(p.language, p.channel): p for p in response.context["previews"]}
    assert "No puede votar. 100" in "".join(previews["es", "sms"].parts)
    assert len(previews) == 6
    assert not opened().exists, "a look is no change"


def test_a_long_sms_is_shown_in_the_segments_that_are_sent(editor: Client) -> None:
    data = form_of(editor, ID, text_en_sms="Do not vote. " * 15)
    previews = editor.post(f"/answers/{ID}/check/", data).context["previews"]
    parts = next(p.parts for p in previews if (p.language, p.channel) == ("en", "sms"))
    assert [len(part) for part in parts[:-1]] == [153] * (len(parts) - 1)
    assert len(parts) == 2


def test_a_script_in_every_field_is_text(editor: Client) -> None:
    names = [n for n in form_of(editor, ID) if n.startswith(("title", "text"))]
    data = form_of(editor, ID, **dict.fromkeys(names, SCRIPT), reviewed_by=SCRIPT, incomplete="1")
    for name in ("org", "title", "url", "as_of"):
        data[f"source_{name}"] = [f'{SCRIPT}"', *data[f"source_{name}"][1:]]
    data |= {"related": [SCRIPT], "resources": [SCRIPT]}
    pages = [
        editor.post(f"/answers/{ID}/check/", data),
        editor.post(f"/answers/{ID}/", {k: v for k, v in data.items() if k != "incomplete"}),
        editor.post(f"/answers/{ID}/", data, follow=True),
        editor.post(f"/answers/{ID}/examples/", {"text": f"wombat {SCRIPT}", "language": "en"}, follow=True),
        editor.get(f"/answers/{ID}/"),
        editor.get("/answers/", {"q": SCRIPT, "state": SCRIPT}),
    ]
    for page in pages:
        assert page.status_code in (200, 422)
        assert SCRIPT not in page.content.decode()
        assert 'href="&lt;script' not in page.content.decode()
    assert entry().title["en"] == SCRIPT
    assert "&lt;script&gt;" in pages[4].content.decode()


#: Address, method, and the least role; "%" stands for an entry.
ADDRESSES = [
    ("/answers/", "get", Role.REVIEWER),
    ("/answers/%/", "get", Role.REVIEWER),
    ("/answers/%/", "post", Role.EDITOR),
    ("/answers/%/check/", "post", Role.EDITOR),
    ("/answers/%/approve/", "post", Role.EDITOR),
    ("/answers/%/discard/", "post", Role.EDITOR),
    ("/answers/%/examples/", "post", Role.EDITOR),
    ("/answers/new/", "get", Role.EDITOR),
    ("/answers/new/", "post", Role.EDITOR),
    ("/answers/example/?turn=1", "get", Role.EDITOR),
    ("/answers/example/?turn=1", "post", Role.EDITOR),
]


@pytest.mark.parametrize(("address", "method", "least"), ADDRESSES)
def test_who_may_open_what(
    reviewer: Client, editor: Client, administrator: Client, address: str, method: str, least: Role
) -> None:
    clients = {Role.REVIEWER: reviewer, Role.EDITOR: editor, Role.ADMINISTRATOR: administrator}
    where = address.replace("%", ID)
    for role, client in clients.items():
        refused = getattr(client, method)(where).status_code == 403
        assert refused is not role.includes(least), role
    assert getattr(Client(), method)(where).status_code == 302, "strangers are sent to the sign-in"


@pytest.mark.parametrize("address", ["/answers/zzz/", "/answers/urgent/zzz/", "/answers/near_scope/"])
def test_no_page_for_what_is_no_answer(editor: Client, address: str) -> None:
    assert editor.get(address).status_code == 404


@pytest.mark.parametrize("action", ["check", "approve", "discard", "examples"])
def test_nothing_is_changed_by_a_link(editor: Client, action: str) -> None:
    assert editor.get(f"/answers/{ID}/{action}/").status_code == 405


def test_the_pages_are_in_spanish_too(editor: Client) -> None:
    editor.cookies["conoce_staff_language"] = "es"
    assert "Respuestas" in editor.get("/answers/").content.decode()
    data = form_of(editor, ID, text_es_web="")
    assert "Guardar como incompleta" in editor.post(f"/answers/{ID}/", data).content.decode()
    page = editor.get(f"/answers/{ID}/").content.decode()
    assert "Guardar en el borrador" in page
    assert "¿Puedo votar si no soy ciudadano?" in page
