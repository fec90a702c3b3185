"""The queues, and what is done with the questions in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from staff.accounts.roles import Role, needs
from staff.audit.models import Action, record
from staff.review import care
from staff.review.answers import answers
from staff.review.filters import entry_choices, options_of
from staff.review.forms import ReasonForm, TreatForm
from staff.review.masking import is_open, unmask
from staff.review.models import Treatment, Turn
from staff.review.queues import BY_NAME, COUNTED, QUEUES, SHOWN, Queue
from staff.review.similar import Group, grouped, wordings_of
from staff.review.transcript import CANDIDATES, Candidate, candidates_of

#: So many groups stand on one page.
GROUPS = 10

#: What only an editor does.
_TEACHING = (Treatment.Kind.ASSIGNED, Treatment.Kind.NEW_ENTRY)


@needs(Role.REVIEWER)
@require_GET
def queues(request: HttpRequest) -> HttpResponse:
    """Show what there is to do."""
    counts = [{"queue": queue, "count": queue.count()} for queue in QUEUES]
    context = {"queues": counts, "counted": COUNTED, "transcripts": settings.INSTALLATION.transcripts}
    return render(request, "review/queues.html", context)


@needs(Role.REVIEWER)
@require_GET
def queue(request: HttpRequest, name: str) -> HttpResponse:
    """Show the groups of a queue."""
    here = _queue(name)
    items = here.items()
    wordings = wordings_of(items)
    groups, missing = grouped(wordings)
    number = request.GET.get("page", "")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    shown = groups[page * GROUPS : (page + 1) * GROUPS]
    user: Any = request.user
    record(request, Action.VIEWED, f"queue {name}")
    context = {
        "queue": here,
        "count": len(items),
        "shown": SHOWN,
        "groups": [{"group": group, "suggestions": suggestions(group)} for group in shown],
        "missing": missing,
        "wordings": len(wordings),
        "done": len(wordings) - missing,
        "earlier": page - 1 if page else None,
        "later": page + 1 if len(groups) > (page + 1) * GROUPS else None,
        "entries": options_of(entry_choices()),
        "may_edit": user.may(Role.EDITOR),
        "open": is_open(request, f"queue {name}"),
        "reason": ReasonForm(),
    }
    # While similar questions are still being found, htmx asks how far that is.
    part = request.htmx and request.GET.get("progress")  # type: ignore[attr-defined]
    return render(request, "review/_progress.html" if part else "review/queue.html", context)


def suggestions(group: Group) -> list[Candidate]:
    """Return the answers that the matcher held for most likely, over all questions of a group."""
    known, total = answers(), defaultdict[str, float](float)
    for item in group.items:
        for candidate in candidates_of(item.turn.candidates, known):
            if candidate.answer:
                total[candidate.intent] += candidate.confidence
    best = sorted(total, key=lambda intent: -total[intent])[:CANDIDATES]
    return [Candidate(intent, total[intent] / group.count, known.by_intent[intent]) for intent in best]


@needs(Role.REVIEWER)
@require_POST
def open_queue(request: HttpRequest, name: str) -> HttpResponse:
    """Show the texts of a queue for a while, for a reason."""
    _queue(name)
    form = ReasonForm(request.POST)
    if form.is_valid():
        unmask(request, f"queue {name}")
        record(request, Action.UNMASKED, f"queue {name}", form.cleaned_data["reason"])
    return redirect("review:queue", name)


@needs(Role.REVIEWER)
@require_POST
def treat(request: HttpRequest) -> HttpResponse:
    """Write down what becomes of a turn or a group, and lead on."""
    user: Any = request.user
    asked = {request.POST.get("kind"), Treatment.Kind.ASSIGNED if request.POST.get("assign") else None}
    if asked & set(_TEACHING) and not user.may(Role.EDITOR):
        raise PermissionDenied
    form = TreatForm(request.POST)
    if not form.is_valid():
        for error in (error for errors in form.errors.values() for error in errors):
            messages.error(request, str(error))
        return redirect(_back(request))
    kind, entry = form.cleaned_data["kind"], form.cleaned_data["entry"]
    turns = form.cleaned_data["turns"]
    found = care.treat(turns, kind, user.pk, entry)
    record(request, Action.TAUGHT, entry, f"{kind}: {len(found)}" + (f", {entry}" if entry else ""))
    messages.success(
        request,
        ngettext("%(count)d message done.", "%(count)d messages done.", len(found)) % {"count": len(found)},
    )
    if kind in _TEACHING and (lead := _to_teaching(kind, found, entry)):
        return redirect(lead)
    return redirect(_back(request))


def _to_teaching(kind: Treatment.Kind, turns: Sequence[int], entry: str) -> str:
    """Return where an editor writes an example or an answer from a turn, or "" without a text."""
    kept = Turn.objects.filter(id__in=turns, text__isnull=False).order_by("id").first()
    if kept is None:
        return ""
    page = "teach:new" if kind == Treatment.Kind.NEW_ENTRY else "teach:example"
    return f"{reverse(page)}?{urlencode([('turn', kept.id), ('entry', entry)])}"


def _back(request: HttpRequest) -> str:
    where = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(where, None) and where.startswith("/")
    return where if safe else reverse("review:queues")


def _queue(name: str) -> Queue:
    if name not in BY_NAME:
        raise Http404(_("There is no such queue."))
    return BY_NAME[name]
