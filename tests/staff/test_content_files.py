"""Changes of the content files: each touches only the lines concerned, in every file."""

from __future__ import annotations

import difflib
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot import checks
from bot.content import read_yaml
from bot.errors import ContentError
from bot.settings import ROOT
from staff.teach.files import Conflict, Draft, NewEntry
from staff.teach.reading import file_at, termbase_of

PUBLISHED = ROOT / "data"
FILES = sorted((PUBLISHED / "nlu" / "faq").glob("*.yml"))


def changed_lines(draft: Draft, path: Path, change: Callable[[], object]) -> tuple[list[str], list[str]]:
    """Make a change; return the lines of a file that went and those that came."""
    here = draft.root / path.relative_to(PUBLISHED)
    before = here.read_text(encoding="utf-8").splitlines()
    change()
    after = (draft.folder / path.relative_to(PUBLISHED)).read_text(encoding="utf-8").splitlines()
    lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
    # Of two lines that are the same, difflib may take either: the order says nothing.
    return sorted(x[1:] for x in lines if x[0] == "-"), sorted(x[1:] for x in lines if x[0] == "+")


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft(PUBLISHED, tmp_path / "content" / "draft")


def small(tmp_path: Path) -> Draft:
    """A draft of a copy of the content whose published part a test may change too."""
    published = tmp_path / "published"
    shutil.copytree(PUBLISHED, published)
    return Draft(published, tmp_path / "content" / "draft")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_change_touches_only_its_lines(draft: Draft, path: Path) -> None:
    entry = file_at(path).entries[len(file_at(path).entries) // 2]
    id_ = entry.id
    original = path.read_bytes()

    # An example question comes as two lines.
    gone, came = changed_lines(
        draft, path, lambda: draft.add_example(id_, 'zzz: is this "a" question?', "es")
    )
    assert gone == []
    assert came == ["    metadata: {language: es}", '  - text: "zzz: is this \\"a\\" question?"']

    # And goes as two.
    gone, came = changed_lines(
        draft, path, lambda: draft.remove_example(id_, 'zzz: is this "a" question?', "es")
    )
    assert (len(gone), came) == (2, [])
    assert (draft.folder / path.relative_to(PUBLISHED)).read_bytes() == original

    # All fields of an entry at once: a line each, but for the longer text that gets a third line.
    web = entry.text("es", "web")
    source = {"org": "A: B", "title": "C #d", "url": "https://example.org/x", "as_of": "2026-11-01"}
    first = {"org": "Zzz", **{k: getattr(entry.sources[0], k) for k in ("title", "url", "as_of")}}
    others = [{k: getattr(s, k) for k in ("org", "title", "url", "as_of")} for s in entry.sources[1:]]
    values = {
        "title.en": 'Zzz: a "new" title?',
        "title.es": "¿Un título nuevo?",
        "text.es.web": f"{web}\n\n- Zzz: una línea nueva. # no comment",
        "text.en.sms": 'Zzz: a short text. "Quoted" \\ and more',
        "status": "approved",
        "reviewed": "2031-01-02",
        "review_by": "2031-02-03",
        "reviewed_by": "lawyer: for now",
        "volatile": not entry.volatile,
        "related": ["general_voting"],
        "resources": ["ilrc", "maldef_la"],
        "audience": ["all", "zzz"],
        "sources": [first, *others, source],
    }
    changed: tuple[str, ...] = ()

    def update() -> None:
        nonlocal changed
        changed = draft.update(id_, values)

    gone, came = changed_lines(draft, path, update)
    assert set(values) - set(changed) <= {"related", "resources", "audience"}
    one_line = len(changed) - 2
    assert len(gone) == one_line + 1, "the two texts, and a line for each field"
    assert len(came) == one_line + 1 + 2 + 4, "two lines more of the answer, four of the new source"
    again = draft.catalogue().entries[entry.intent]
    assert again.text("es", "web") == values["text.es.web"]
    assert again.text("en", "sms") == values["text.en.sms"]
    assert again.sources[0].org == "Zzz"
    assert again.sources[-1].title == "C #d"
    assert again.text("en", "web") == entry.text("en", "web")
    assert [e.text for e in again.examples] == [e.text for e in entry.examples]

    # Discarding makes the file what it was, to the byte, and no draft is left.
    draft.discard(id_)
    assert not draft.exists
    assert draft.changes() == []


NEW = NewEntry(
    id="zzz_new",
    topic="family",
    title={"en": "Zzz: is it new?", "es": "¿Es nueva?"},
    texts={
        ("en", "web"): "A first line.\n\n- A second: one",
        ("es", "web"): "Una primera.\n\n- Una segunda",
        ("en", "sms"): "A short one.",
        ("es", "sms"): "Una corta.",
    },
    sources=[{"org": "ILRC", "title": "A page", "url": "https://ilrc.org", "as_of": "2026"}],
    examples={"en": ["zzz is it new", "null"], "es": []},
    reviewed="2026-11-24",
    reviewed_by="project, not a lawyer",
    review_by="2027-01-23",
)


def test_a_new_entry_stands_at_the_end_of_the_file_of_its_topic(draft: Draft) -> None:
    path = PUBLISHED / "nlu/faq/family.yml"
    gone, came = changed_lines(draft, path, lambda: draft.add_entry(NEW))
    assert gone == []
    assert [x for x in came if x.startswith(("-", "  utter"))] == [
        "  utter_faq/zzz_new:",
        "- intent: faq/zzz_new",
    ]
    entry = draft.catalogue().entries["faq/zzz_new"]
    assert entry.text("en", "web") == "A first line.\n\n- A second: one"
    assert [e.text for e in entry.examples] == ["zzz is it new", "null"]
    assert entry.status == "draft"
    change = draft.changes()
    assert [(c.entry, c.new, len(c.added)) for c in change] == [("zzz_new", True, 2)]
    draft.discard("zzz_new")
    assert not draft.exists


@pytest.mark.parametrize(
    ("topic", "file"),
    [
        ("work", "reporting_rights"),  # no file of its name: where most entries of the topic are
        ("status", "status"),
        ("zzz", "zzz"),  # a topic that nobody wrote about
    ],
)
def test_the_file_of_a_topic(draft: Draft, topic: str, file: str) -> None:
    draft.add_entry(replace(NEW, topic=topic))
    assert Path(draft.catalogue().entries["faq/zzz_new"].file).stem == file
    draft.discard("zzz_new")
    assert draft.changes() == []


@pytest.mark.parametrize(
    ("id_", "file", "kind"),
    [
        ("urgent/at_door", "urgent.yml", ""),  # a situation
        ("near_scope", "near_scope.yml", "visas"),  # a question near to ours needs a kind
        ("out_of_scope", "out_of_scope.yml", ""),  # noise
    ],
)
def test_questions_of_other_intents(draft: Draft, id_: str, file: str, kind: str) -> None:
    path = PUBLISHED / "nlu" / file
    gone, came = changed_lines(draft, path, lambda: draft.add_example(id_, "no, zzz wombat", "en", kind))
    assert gone == []
    extra = f", kind: {kind}" if kind else ""
    assert came == [f"    metadata: {{language: en{extra}}}", "  - text: no, zzz wombat"]
    change = draft.changes()[0]
    assert (change.entry, change.added[0].kind, change.fields) == (id_, kind, ())
    draft.remove_example(id_, "no, zzz wombat", "en")
    assert (draft.folder / "nlu" / file).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("what is daca", "is also in"),  # stands somewhere already, whatever the accents and case
        ("¿¿¿WHAT is DACA???", "is also in"),
        ("call me at [phone]", "brackets"),  # the label of a redacted text
        ("what {is} it", "braces"),
        ("what\x07 zzz", "invisible"),
        ("what\u202e zzz", "invisible"),  # turns the direction of writing
        ("two\nlines zzz", "invisible"),
        ("?!", "words"),
    ],
)
def test_what_cannot_be_a_question(draft: Draft, text: str, why: str) -> None:
    with pytest.raises(ContentError, match=why):
        draft.add_example("general_voting", text, "en")
    assert draft.changes() == []


@pytest.mark.parametrize(
    "text",
    [
        "no",  # YAML 1.1 reads a truth value
        "null",
        "12",
        "2026-11-24",
        "- zzz",
        "a: b",
        "a #b",
        "'zzz'",
        '"zzz',
        "*zzz",
        "&zzz",
        "!zzz",
        "%zzz",
        "@zzz",
        "`zzz`",
        "zzz: ",
        "> zzz",
        "| zzz",
        "\\n zzz",
        "😀 zzz",
        "¿Zzz?",
        "=",
        "<script>alert(1)</script>",
    ],
)
def test_titles_come_back_as_they_were_written(draft: Draft, text: str) -> None:
    draft.update("family_plan_overview", {"title.en": text})
    assert draft.catalogue().entries["faq/family_plan_overview"].title["en"] == text


def test_what_yaml_cannot_hold_leaves_the_file_alone(draft: Draft) -> None:
    draft.update("family_plan_overview", {"title.en": "Zzz"})
    path = draft.folder / "nlu/faq/family.yml"
    before = path.read_bytes()
    for text in ("bell \x07", "half a pair \ud83d", "delete \x7f", "line\u2028end"):
        for field in ("text.en.web", "text.en.sms"):
            with pytest.raises(ContentError):
                draft.update("family_plan_overview", {field: f"a\n{text}"})
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == []


def test_no_entry_loses_what_it_must_have(draft: Draft) -> None:
    with pytest.raises(ContentError, match="lacks sources"):
        draft.update("family_plan_overview", {"sources": []})
    assert draft.changes() == []


def test_the_second_editor_learns_of_the_first(draft: Draft) -> None:
    seen = draft.digest("general_voting")
    draft.update("general_voting", {"title.en": "Zzz"}, seen)
    with pytest.raises(Conflict):
        draft.update("general_voting", {"title.en": "Yyy"}, seen)
    # A question that somebody added is no conflict, and other entries are none.
    seen = draft.digest("general_voting")
    draft.add_example("general_voting", "zzz wombat", "en")
    draft.update("family_plan_overview", {"title.en": "Xxx"})
    draft.update("general_voting", {"title.en": "Yyy"}, seen)


def test_the_changes_say_what_changed(draft: Draft) -> None:
    draft.update("general_voting", {"title.en": "Zzz?", "related": [], "volatile": True})
    draft.add_example("general_voting", "zzz wombat", "en")
    text = draft.catalogue().entries["faq/general_voting"].examples[0].text
    draft.remove_example("general_voting", text, "en")
    change = draft.changes()[0]
    assert change.entry == "general_voting"
    assert set(change.fields) >= {"title.en", "related"}
    assert [q.text for q in change.added] == ["zzz wombat"]
    assert [q.text for q in change.removed] == [text]


def test_a_change_is_quick_and_the_published_content_untouched(tmp_path: Path) -> None:
    draft = small(tmp_path)
    before = {path: path.read_bytes() for path in draft.published.rglob("*.yml")}
    draft.add_example("daca_what_it_is", "zzz wombat", "en")
    began = time.process_time()
    draft.add_example("daca_what_it_is", "zzz wombat again", "en")
    assert time.process_time() - began < 1.5, "less than a second on a machine that does nothing else"
    assert {path: path.read_bytes() for path in draft.published.rglob("*.yml")} == before


def test_a_wrong_phone_in_one_language_is_a_problem_of_the_draft(draft: Draft) -> None:
    entry = draft.catalogue().entries["urgent/at_door"]
    draft.update("urgent/at_door", {"text.es.web": entry.text("es", "web") + "\n\nLlame al 1-800-555-0100."})
    draft.add_entry(NEW)
    found = draft.problems()
    assert any("differ between languages: 1-800-555-0100" in p for p in found)
    # An unfinished entry keeps the draft from being published too. Each problem says where it is.
    assert any("zzz_new: 0 questions in es" in p for p in found)
    assert all(p.startswith(("nlu/urgent.yml:", "nlu/faq/family.yml:")) for p in found)


def test_what_is_written_is_what_the_assistant_reads(draft: Draft) -> None:
    draft.update("general_voting", {"text.en.sms": "Zzz: one."})
    data = read_yaml(draft.folder / "nlu/faq/general.yml")
    texts = data["responses"]["utter_faq/general_voting"]
    assert next(t["text"] for t in texts if t.get("channel") == "sms") == "Zzz: one."


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://",
        "https://exa mple.org",
        "example.org",
        'https://example.org/"onclick="x',
        "https://localhost",
    ],
)
def test_an_address_that_is_none_is_a_problem(draft: Draft, url: str) -> None:
    catalogue = draft.catalogue()
    entry = catalogue.entries["faq/general_voting"]
    wrong = replace(entry, sources=(replace(entry.sources[0], url=url),))
    found = list(checks.problems_of_entry(wrong, catalogue, termbase_of(draft.root)))
    assert any("needs an address" in problem for problem in found)
