"""The pages: all answers, and one with its texts in both languages."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bot.content import LANGUAGES, Catalogue, Entry
from bot.errors import ContentError
from staff.accounts.roles import Role, needs
from staff.audit.models import Action, record
from staff.teach import forms, listing, look
from staff.teach.changes import changed_fields, texts_of, word_difference
from staff.teach.files import Conflict, Draft, intent_of
from staff.teach.models import APPROVED, Change
from staff.teach.problems import LABELS, Problem, described, explain, problems_in
from staff.teach.reading import termbase_of
from staff.teach.workspace import draft, forget, installation, last_changed_by, note

#: How long an approval holds, in days.
_DAYS_VOLATILE, _DAYS_STABLE = 60, 365

#: So many changes stand on the page of an entry.
_HISTORY = 20


def page_language() -> str:
    """Return the language of the page: one of the two."""
    language = (get_language() or "")[:2]
    return language if language in LANGUAGES else LANGUAGES[0]


@needs(Role.REVIEWER)
@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """Show all answers by topic."""
    opened, language = draft(), page_language()
    query, state = request.GET.get("q", "")[:200], request.GET.get("state", "")
    state = state if state in listing.State.values else ""
    every = listing.rows(opened, language)
    found = [row for row in every if row.fits(state, query)]
    context = {
        "topics": listing.by_topic(found, opened.catalogue(), language),
        "count": len(found),
        "changed": sum(row.change is not None for row in every),
        "states": listing.State.choices,
        "state": state,
        "query": query,
        "language": language,
        "may_edit": _may_edit(request),
    }
    return render(request, "teach/entries.html", context)


@needs(Role.REVIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, id: str) -> HttpResponse:
    """Show one answer; save what an editor changed."""
    opened = draft()
    found = _entry(opened, id)
    if request.method != "POST":
        return render(request, "teach/entry.html", _context(request, opened, found))
    _only_editors(request)
    form = forms.EntryForm(request.POST)
    if not form.is_valid():
        return _again(request, opened, found, form, _form_problems(form))
    values = {**form.values(), **forms.lists_in(request.POST)}
    wanted = forms.entry_with(found, values)
    problems = problems_in(wanted, opened.catalogue(), termbase_of(opened.root))
    if problems and "incomplete" not in request.POST:
        return _again(request, opened, found, form, problems, may_save=True)
    # What was approved is another text now.
    status = {"status": "draft"} if found.status != "draft" and changed_fields(found, wanted) else {}
    try:
        changed = opened.update(id, {**values, **status}, form.cleaned_data["digest"] or "none")
    except Conflict:
        note_ = _("Somebody else changed this answer in the meantime. Compare, and save again.")
        return _again(request, opened, found, form, [Problem("", note_)], conflict=True)
    except ContentError as error:
        return _again(request, opened, found, form, list(explain(error.problems)))
    if changed:
        note(request, id, changed)
        words = _("Saved in the draft. It is incomplete.") if problems else _("Saved in the draft.")
        messages.success(request, words)
    else:
        messages.info(request, _("Nothing changed."))
    return redirect("teach:entry", id)


@needs(Role.EDITOR)
@require_POST
def check(request: HttpRequest, id: str) -> HttpResponse:
    """Show how what stands in the form reads and looks, before it is saved."""
    opened = draft()
    found, form = _entry(opened, id), forms.EntryForm(request.POST)
    if not form.is_valid():
        return render(request, "teach/_look.html", {"problems": _form_problems(form)})
    wanted = forms.entry_with(found, {**form.values(), **forms.lists_in(request.POST)})
    return render(request, "teach/_look.html", _look(opened, wanted))


@needs(Role.EDITOR)
@require_POST
def approve(request: HttpRequest, id: str) -> HttpResponse:
    """Approve an answer as the draft has it."""
    opened = draft()
    found = _entry(opened, id)
    form = forms.ApprovalForm(request.POST)
    if problems_in(found, opened.catalogue(), termbase_of(opened.root)):
        messages.error(request, _("It has problems, so it cannot be approved."))
    elif not form.is_valid():
        messages.error(request, _("Say who reviewed it."))
    elif settings.SECOND_PERSON and last_changed_by(request, id):
        messages.error(request, _("Somebody else must approve what you changed last."))
    else:
        today = datetime.datetime.now(tz=datetime.UTC).date()
        days = datetime.timedelta(_DAYS_VOLATILE if found.volatile else _DAYS_STABLE)
        values = {
            "status": "approved",
            "reviewed": today.isoformat(),
            "reviewed_by": form.cleaned_data["reviewed_by"],
            "review_by": (today + days).isoformat(),
        }
        try:
            opened.update(id, values, request.POST.get("digest") or "none")
        except Conflict:
            messages.error(request, _("Somebody else changed this answer in the meantime. Read it again."))
        else:
            note(request, id, [APPROVED], Action.APPROVED)
            messages.success(request, _("Approved."))
    return redirect("teach:entry", id)


@needs(Role.EDITOR)
@require_POST
def discard(request: HttpRequest, id: str) -> HttpResponse:
    """Put an answer back as it is published."""
    opened = draft()
    _entry(opened, id)
    opened.discard(id)
    forget(id)
    record(request, Action.EDITED, id, "discarded")
    messages.success(request, _("The changes of this answer are gone."))
    here = intent_of(id) in opened.catalogue().entries
    return redirect("teach:entry", id) if here else redirect("teach:entries")


@needs(Role.EDITOR)
@require_POST
def examples(request: HttpRequest, id: str) -> HttpResponse:
    """Add an example question, or take one out."""
    opened = draft()
    _entry(opened, id)
    form = forms.QuestionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write a question of up to 500 characters, and choose its language."))
        return redirect("teach:entry", id)
    text, language = forms.tidy(form.cleaned_data["text"]), form.cleaned_data["language"]
    try:
        if "remove" in request.POST:
            opened.remove_example(id, text, language)
            note(request, id, [f"-{language}"])
            messages.success(request, _("The question is out."))
        else:
            opened.add_example(id, text, language)
            note(request, id, [f"+{language}"])
            messages.success(request, _("The question is in."))
    except ContentError as error:
        for problem in explain(error.problems):
            messages.error(request, problem.message)
    return redirect("teach:entry", id)


def _may_edit(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.may(Role.EDITOR))


def _only_editors(request: HttpRequest) -> None:
    if not _may_edit(request):
        raise PermissionDenied


def _entry(opened: Draft, id_: str) -> Entry:
    found = opened.catalogue().entries.get(intent_of(id_))
    if found is None:
        raise Http404
    return found


def _form_problems(form: forms.EntryForm) -> list[Problem]:
    found = []
    for name, errors in form.errors.items():
        field = next((key for key in LABELS if key.replace(".", "_") == name), "")
        found += [Problem(field, str(error)) for error in errors]
    return found


def _again(
    request: HttpRequest,
    opened: Draft,
    found: Entry,
    form: forms.EntryForm,
    problems: list[Problem],
    may_save: bool = False,
    conflict: bool = False,
) -> HttpResponse:
    """Show the form again with what was written, and why it was not saved."""
    context = _context(request, opened, found)
    given = form.data.copy()  # type: ignore[attr-defined]
    if conflict:
        # Saving again is meant for the newer text, which the page now shows.
        given["digest"] = opened.digest(found.id)
    lists = forms.lists_in(given)
    wanted = None
    if form.is_valid():
        wanted = forms.entry_with(found, {**form.values(), **lists})
    context |= {
        "form": forms.EntryForm(given),
        "refused": problems,
        "may_save": may_save,
        "conflict": _difference(found, wanted) if conflict and wanted else [],
        "sources": forms.source_rows(lists["sources"]),  # type: ignore[arg-type]
        "related": forms.chosen_rows(lists["related"]),  # type: ignore[arg-type]
        "resources": forms.chosen_rows(lists["resources"]),  # type: ignore[arg-type]
    }
    if wanted is not None:
        context |= _look(opened, wanted)
    return render(request, "teach/entry.html", context, status=409 if conflict else 422)


def _context(request: HttpRequest, opened: Draft, found: Entry) -> dict[str, Any]:
    """Return what the page of an entry shows."""
    catalogue, language = opened.catalogue(), page_language()
    published = opened.published_catalogue().entries.get(found.intent)
    digest = opened.digest(found.id)
    change = next((c for c in opened.changes() if c.entry == found.id), None)
    return {
        "entry": found,
        "title": found.title.get(language) or found.id,
        "language": language,
        "topic": listing.topic_name(found.topic, catalogue, language),
        "may_edit": _may_edit(request),
        "own": settings.SECOND_PERSON and last_changed_by(request, found.id),
        "form": forms.EntryForm(initial=forms.initial_of(found, digest)),
        "digest": digest,
        "sources": forms.source_rows(found.sources),
        "related": forms.chosen_rows(found.related),
        "resources": forms.chosen_rows(found.resources),
        "entries": _choices(catalogue, language),
        "organizations": sorted((o.id, o.name[language]) for o in catalogue.organizations.values()),
        "change": change,
        "difference": _difference(published, found) if change and published else [],
        "history": [
            (change, described(change.fields))
            for change in Change.objects.filter(entry=found.id).select_related("who")[:_HISTORY]
        ],
        "question": forms.QuestionForm(),
        "approval": forms.ApprovalForm(),
        **_look(opened, found),
    }


def _choices(catalogue: Catalogue, language: str) -> list[tuple[str, str]]:
    return sorted((e.id, e.title.get(language) or e.id) for e in catalogue.entries.values() if not e.urgent)


def _difference(old: Entry | None, new: Entry) -> list[dict[str, Any]]:
    """Return the fields in which two versions differ, word by word."""
    found = []
    for name in changed_fields(old, new):
        was, is_ = (_words(e, name) if e else "" for e in (old, new))
        language = name.split(".")[1] if "." in name else ""
        found.append(
            {"label": LABELS.get(name, name), "language": language, "pieces": word_difference(was, is_)}
        )
    return found


def _words(entry: Entry, name: str) -> str:
    if "." in name:
        return texts_of(entry)[name]
    value = getattr(entry, name)
    if name == "sources":
        return "\n".join(f"{s.org}: {s.title}, {s.url} ({s.as_of})" for s in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _look(opened: Draft, entry: Entry) -> dict[str, Any]:
    """Return how an entry reads and looks, with its problems."""
    catalogue, terms = opened.catalogue(), termbase_of(opened.root)
    home = installation()
    return {
        "problems": problems_in(entry, catalogue, terms),
        "figures": list(look.figures(entry, catalogue)),
        "terms": look.terms_in(entry, terms),
        "previews": list(look.previews(entry, catalogue, home.operator, home.retention_days)),
    }
