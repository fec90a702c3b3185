"""From a question that somebody asked to an example question, or to a new entry.

A person's words never get into the files as they were sent: the editor gets a rewrite, and changes it
or confirms that it points to nobody. Nothing here remembers from which conversation an example came,
but the assistant's own table of what was done with each turn, which goes with the conversation.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bot.checks import question_form
from bot.content import LANGUAGES, SMS, WEB, Catalogue, Entry, Example, Source, Text
from bot.errors import ContentError
from staff.accounts.roles import Role, needs
from staff.audit.models import Action, record
from staff.review import care
from staff.review.answers import answers
from staff.review.forms import ReasonForm
from staff.review.masking import is_open, unmask
from staff.review.models import Treatment, Turn
from staff.review.transcript import candidates_of
from staff.review.views import SUBJECT
from staff.teach import forms, listing
from staff.teach.files import Draft, intent_of
from staff.teach.models import NEW
from staff.teach.new_entry import NewEntry
from staff.teach.problems import Problem, explain, problems_in
from staff.teach.reading import file_at, nlu_files, termbase_of
from staff.teach.rewrite import is_common, known_words, places_in, points_to_someone, suggest
from staff.teach.views import page_language
from staff.teach.workspace import draft, note

#: Who answers for an entry before somebody approved it, as in the files.
_NOT_REVIEWED = "project, not a lawyer"

_FIRST_REVIEW = datetime.timedelta(60)


@needs(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def example(request: HttpRequest) -> HttpResponse:
    """Show a question that was asked with a rewrite of it; add what the editor made of it."""
    opened, turn = draft(), _turn(request)
    if closed := _closed(request, turn):
        return closed
    catalogue = opened.catalogue()
    rewrite = suggest(turn.text or "", known_words(catalogue), places_in(opened.root))
    common = is_common(turn.text or "")
    asked = request.POST.get("entry") or request.GET.get("entry", "")
    problems: list[Problem] = []
    if request.method == "POST":
        form = forms.ExampleForm(request.POST)
        if form.is_valid():
            problems = _teach(request, opened, turn, form.cleaned_data, common)
            if not problems:
                return redirect("review:queues")
    else:
        record(request, Action.VIEWED, turn.conversation[:SUBJECT], "teach")
        initial = {"text": rewrite.text, "language": _language(turn), "entry": asked}
        form = forms.ExampleForm(initial=initial)
    context = {
        "turn": turn,
        "turns": _turns(request),
        "form": form,
        "rewrite": rewrite,
        "common": common,
        "problems": problems,
        "asked": asked,
        "nearest": [c for c in candidates_of(turn.candidates, answers()) if c.answer],
        "entries": _targets(opened, catalogue),
        "language": _language(turn),
    }
    return render(request, "teach/example.html", context, status=422 if problems or form.errors else 200)


def _teach(
    request: HttpRequest, opened: Draft, turn: Turn, data: dict[str, Any], common: bool
) -> list[Problem]:
    """Add an example and note what became of the turn; return what is in the way of it."""
    text, (target, kind) = forms.tidy(data["text"]), _target(data["entry"])
    if problem := _too_close(text, turn, data["confirmed"] or common):
        return [problem]
    if (target, kind) not in _targets_of(opened):
        return [Problem("", _("There is no such answer."))]
    try:
        opened.add_example(target, text, data["language"], kind)
    except ContentError as error:
        return list(explain(error.problems))
    note(request, target, [f"+{data['language']}"], Action.TAUGHT)
    out = target == "out_of_scope"
    treated = Treatment.Kind.OUT_OF_SCOPE if out else Treatment.Kind.ASSIGNED
    _treat(request, treated, "" if "scope" in target else target)
    messages.success(request, _("The question is in the draft."))
    return []


def _too_close(text: str, turn: Turn | None, may_be_same: bool) -> Problem | None:
    """Return why a text must not become an example, if it must not."""
    if points_to_someone(text):
        return Problem("examples", _("This looks like personal data: take it out."))
    same = turn is not None and question_form(text) == question_form(turn.text or "")
    if same and not may_be_same:
        words = _("These are the person's own words: change them, or confirm that they point to nobody.")
        return Problem("examples", words)
    return None


@needs(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a new answer, from a question that was asked or from nothing."""
    opened, language = draft(), page_language()
    turn = _turn(request) if _turns(request) else None
    if turn is not None and (closed := _closed(request, turn)):
        return closed
    catalogue = opened.catalogue()
    problems: list[Problem] = []
    may_save = False
    if request.method == "POST":
        form = forms.NewForm(request.POST, catalogue=catalogue, language=language)
        if form.is_valid():
            problems, may_save = _make(request, opened, form, turn)
            if not problems:
                return redirect("teach:entry", form.cleaned_data["id"])
    else:
        initial: dict[str, str] = {}
        if turn is not None:
            record(request, Action.VIEWED, turn.conversation[:SUBJECT], "teach")
            rewrite = suggest(turn.text or "", known_words(catalogue), places_in(opened.root))
            initial[f"examples_{_language(turn)}"] = rewrite.text
        form = forms.NewForm(initial=initial, catalogue=catalogue, language=language)
    context = {"form": form, "turns": _turns(request), "problems": problems, "may_save": may_save}
    return render(request, "teach/new.html", context, status=422 if problems or form.errors else 200)


def _make(
    request: HttpRequest, opened: Draft, form: forms.NewForm, turn: Turn | None
) -> tuple[list[Problem], bool]:
    """Add a new entry; return what is in the way, and whether it may be saved all the same."""
    data, examples = form.cleaned_data, form.examples()
    free = data["confirmed"] or (turn is not None and is_common(turn.text or ""))
    for text in (text for texts in examples.values() for text in texts):
        if problem := _too_close(text, turn, free):
            return [Problem(problem.field, f"{text}: {problem.message}")], False
    today = datetime.datetime.now(tz=datetime.UTC).date()
    made = NewEntry(
        id=data["id"],
        topic=data["topic"],
        title={code: data[f"title_{code}"] for code in LANGUAGES},
        texts={
            (code, channel): data[f"text_{code}_{channel}"] for code in LANGUAGES for channel in (WEB, SMS)
        },
        sources=[{name: data[f"source_{name}"] for name in ("org", "title", "url", "as_of")}],
        examples=examples,
        reviewed=today.isoformat(),
        reviewed_by=_NOT_REVIEWED,
        review_by=(today + _FIRST_REVIEW).isoformat(),
        volatile=data["volatile"],
    )
    catalogue = opened.catalogue()
    problems = problems_in(_entry_of(made), catalogue, termbase_of(opened.root))
    if problems and "incomplete" not in request.POST:
        return problems, True
    try:
        opened.add_entry(made)
    except ContentError as error:
        return list(explain(error.problems)), False
    note(request, made.id, [NEW], Action.EDITED)
    if turn is not None:
        _treat(request, Treatment.Kind.NEW_ENTRY, made.id)
    messages.success(request, _("The new answer is in the draft."))
    return [], False


def _entry_of(made: NewEntry) -> Entry:
    """Return a new entry as the catalogue will have it."""
    return Entry(
        intent=intent_of(made.id),
        facts=(made.id,),
        topic=made.topic,
        audience=tuple(made.audience),
        title=made.title,
        sources=tuple(Source(**source) for source in made.sources),
        reviewed=made.reviewed,
        reviewed_by=made.reviewed_by,
        review_by=made.review_by,
        status="draft",
        volatile=made.volatile,
        related=(),
        resources=(),
        texts=tuple(Text(code, channel, text) for (code, channel), text in made.texts.items() if text),
        examples=tuple(Example(text, code) for code, texts in made.examples.items() for text in texts),
    )


def _turns(request: HttpRequest) -> list[int]:
    """Return the numbers of the turns that a page is about: one, or all of a group."""
    given = request.POST.getlist("turn") or request.GET.getlist("turn")
    return [int(value) for value in given if value.isascii() and value.isdigit() and len(value) < 19]


def _turn(request: HttpRequest) -> Turn:
    numbers = _turns(request)
    found = Turn.objects.filter(id=numbers[0]).first() if numbers else None
    if found is None or found.text is None:
        raise Http404
    return found


def _closed(request: HttpRequest, turn: Turn) -> HttpResponse | None:
    """Ask for a reason while the text may not be shown; a reason that was given opens it."""
    if is_open(request, turn.conversation):
        return None
    form = ReasonForm(request.POST)
    if request.method == "POST" and "open" in request.POST and form.is_valid():
        unmask(request, turn.conversation)
        record(request, Action.UNMASKED, turn.conversation[:SUBJECT], form.cleaned_data["reason"])
        return redirect(request.get_full_path())
    return render(request, "teach/reason.html", {"reason": ReasonForm(), "where": request.get_full_path()})


def _language(turn: Turn) -> str:
    """Return the language of a question, as far as it is one of ours."""
    return next((code for code in (turn.detected[:2], turn.language) if code in LANGUAGES), LANGUAGES[0])


def _treat(request: HttpRequest, kind: Treatment.Kind, entry: str) -> None:
    user: Any = request.user
    care.treat(_turns(request), kind, user.pk, entry)


def _target(value: str) -> tuple[str, str]:
    """Return the id and the kind that an option stands for: `near_scope:visas` has a kind."""
    id_, _colon, kind = value.partition(":")
    return id_, kind


def _kinds(opened: Draft) -> list[str]:
    """Return the kinds of questions near to ours."""
    found = {
        question.kind
        for path in nlu_files(opened.root)
        for question in file_at(path).questions.get("near_scope", ())
        if question.kind
    }
    return sorted(found)


def _targets_of(opened: Draft) -> set[tuple[str, str]]:
    entries = {(entry.id, "") for entry in opened.catalogue().entries.values()}
    return entries | {("out_of_scope", "")} | {("near_scope", kind) for kind in _kinds(opened)}


def _targets(opened: Draft, catalogue: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a question can belong to, in groups."""
    language = page_language()
    rows = sorted(
        catalogue.entries.values(), key=lambda e: (not e.urgent, e.topic, e.title.get(language, ""))
    )
    groups: dict[str, list[tuple[str, str]]] = {}
    for entry in rows:
        name = listing.topic_name(entry.topic, catalogue, language)
        groups.setdefault(name, []).append((entry.id, entry.title.get(language) or entry.id))
    near = [(f"near_scope:{kind}", kind) for kind in _kinds(opened)]
    return [
        *groups.items(),
        (_("Near to our topics, referred elsewhere"), near),
        (_("No answer"), [("out_of_scope", _("Not about this at all"))]),
    ]
