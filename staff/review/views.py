"""The list of conversations, one conversation, and what is noted about it."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from staff.accounts.models import User
from staff.accounts.roles import Role, needs
from staff.audit.models import Action, record
from staff.review import care
from staff.review.filters import entry_choices, options_of
from staff.review.forms import AssignForm, LabelsForm, NoteForm, ReasonForm
from staff.review.listing import Listing, Page, Place
from staff.review.masking import is_open, unmask
from staff.review.models import Note, Review, Turn
from staff.review.search import words_in
from staff.review.transcript import lines, moment, why_not_kept

#: The last turns of a conversation that are shown: nobody reads more of one.
LAST_TURNS = 100

#: How much of a conversation's keyed hash the log names.
SUBJECT = 12


@needs(Role.REVIEWER)
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """Show the turns that the filters and the search leave, newest first."""
    listing = Listing(request.GET, request)
    after = Place.read(request.GET.get("after", ""))
    before = Place.read(request.GET.get("before", ""))
    page = listing.page(after or before, older=after is None)
    if listing.query or listing.filter.used:
        record(
            request,
            Action.SEARCHED,
            detail=f"words: {len(words_in(listing.query))}; filters: {', '.join(listing.filter.used)}",
        )
    reviews = Review.objects.in_bulk({turn.conversation for turn in page.turns})
    names = {user.pk: str(user) for user in User.objects.all()}
    kept = _kept(request.GET)
    rows = [
        {
            "line": line,
            "review": (review := reviews.get(line.turn.conversation)),
            "labels": review.labels.split() if review else [],
            "assigned": names.get(review.assigned or 0, "") if review else "",
            "open": is_open(request, line.turn.conversation),
            "address": _address(line.turn.conversation, kept, Place.of(line.turn)),
        }
        for line in lines(page.turns)
    ]
    context = {
        "filter": listing.filter,
        "listing": listing,
        "rows": rows,
        "page": page,
        "newer": _link(kept, after=_newer(page, after, before)),
        "older": _link(kept, before=_older(page, after)),
        "further": _link(kept, before=page.further),
        "transcripts": settings.INSTALLATION.transcripts,
    }
    return render(request, "review/list.html", context)


def _newer(page: Page, after: Place | None, before: Place | None) -> Place | None:
    """Return the place after which newer turns lie, if there may be any."""
    if not page.turns:
        return before
    there = page.more if after else before is not None
    return Place.of(page.turns[0]) if there else None


def _older(page: Page, after: Place | None) -> Place | None:
    """Return the place before which older turns lie, if there may be any."""
    if not page.turns:
        return after
    return Place.of(page.turns[-1]) if page.more or after else None


def _kept(data: QueryDict) -> QueryDict:
    """Return the filters and the search of an address, without the place in the list."""
    kept = data.copy()
    for name in ("after", "before", "at"):
        kept.pop(name, None)
    for name in [name for name, value in kept.items() if not value]:
        del kept[name]
    return kept


def _link(kept: QueryDict, **place: Place | None) -> str:
    (name, where), *_rest = place.items()
    if where is None:
        return ""
    query = kept.copy()
    query[name] = str(where)
    return f"?{query.urlencode()}"


def _address(conversation: str, kept: QueryDict, place: Place | None) -> str:
    address = reverse("review:conversation", args=[conversation])
    return address + (_link(kept, at=place) if place else "")


@needs(Role.REVIEWER)
@require_GET
def conversation(request: HttpRequest, conversation: str) -> HttpResponse:
    """Show a conversation with what the assistant understood."""
    turns = list(Turn.objects.filter(conversation=conversation).order_by("-id")[:LAST_TURNS])[::-1]
    if not turns:
        raise Http404
    record(request, Action.VIEWED, conversation[:SUBJECT])
    listing, kept = Listing(request.GET, request), _kept(request.GET)
    here = Place.read(request.GET.get("at", "")) or Place.of(turns[-1])
    around = {
        name: listing.page(here, older=older, size=1, apart_from=conversation).turns
        for name, older in (("next", True), ("prev", False))
    }
    context = {
        **_care(request, conversation),
        "lines": lines(turns),
        "at": here.turn,
        "cut": len(turns) == LAST_TURNS,
        "open": is_open(request, conversation),
        "reason": ReasonForm(),
        "why_not_kept": why_not_kept(settings.INSTALLATION.transcripts),
        "back": reverse("review:list") + f"?{kept.urlencode()}",
        "may_edit": _may_edit(request),
        "may_download": cast(User, request.user).may(Role.ADMINISTRATOR),
        "entries": options_of(entry_choices()),
        **{
            name: _address(found[0].conversation, kept, Place.of(found[0])) if found else ""
            for name, found in around.items()
        },
    }
    return render(request, "review/conversation.html", context)


def _may_edit(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.may(Role.EDITOR))


def _care(request: HttpRequest, conversation: str, **bound: Any) -> dict[str, Any]:
    """Return what the panel of a conversation shows."""
    review = Review.objects.filter(conversation=conversation).first()
    labels = review.labels.split() if review else []
    names = {user.pk: str(user) for user in User.objects.all()}
    return {
        "conversation": conversation,
        "query": request.GET.urlencode(),
        "review": review,
        "reviewer": names.get(review.reviewer or 0, "") if review else "",
        "reviewed": moment(review.reviewed) if review and review.reviewed else None,
        "labels": LabelsForm(
            initial={
                "labels": [label for label in labels if label in care.LABELS],
                "others": " ".join(label for label in labels if label not in care.LABELS),
            }
        ),
        "assign": AssignForm(initial={"person": review.assigned if review else None}),
        "note": NoteForm(),
        "notes": [
            {"note": note, "author": names.get(note.author, ""), "when": moment(note.timestamp)}
            for note in Note.objects.filter(conversation=conversation).order_by("id")
        ],
        **bound,
    }


@needs(Role.REVIEWER)
@require_POST
def care_for(request: HttpRequest, conversation: str) -> HttpResponse:
    """Mark, label, note or assign a conversation; htmx replaces the panel."""
    bound, said = _do(request, conversation, request.POST.get("do", ""))
    if not request.htmx:  # type: ignore[attr-defined]
        if not bound:
            address = reverse("review:conversation", args=[conversation])
            return redirect(f"{address}?{request.GET.urlencode()}")
        return render(
            request, "review/care.html", {**_care(request, conversation, **bound), "whole": True}, status=422
        )
    return render(request, "review/_care.html", {**_care(request, conversation, **bound), "said": said})


def _do(request: HttpRequest, conversation: str, what: str) -> tuple[dict[str, Any], str]:
    """Do what was asked for; return the form that was not right, if any, and what to say."""
    user = int(request.user.pk or 0)
    detail = what
    if what in ("reviewed", "unreviewed"):
        care.mark(conversation, user if what == "reviewed" else None)
    elif what == "labels":
        labels = LabelsForm(request.POST)
        if not labels.is_valid():
            return {"labels": labels}, ""
        care.label(conversation, labels.cleaned_data["all"])
    elif what == "assign":
        assign = AssignForm(request.POST)
        if not assign.is_valid():
            return {"assign": assign}, ""
        person = assign.cleaned_data["person"]
        care.assign(conversation, int(person) if person else None)
    elif what == "note":
        note = NoteForm(request.POST)
        if not note.is_valid():
            return {"note": note}, ""
        care.note(conversation, user, note.cleaned_data["text"])
    elif what == "forget":
        number = request.POST.get("note", "")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Http404
        care.forget_note(conversation, user, int(number))
    else:
        raise Http404
    record(request, Action.REVIEWED, conversation[:SUBJECT], detail)
    return {}, _("Saved.")


@needs(Role.REVIEWER)
@require_POST
def open_text(request: HttpRequest, conversation: str) -> HttpResponse:
    """Show the text of a conversation for a while, for a reason."""
    if not Turn.objects.filter(conversation=conversation).exists():
        raise Http404
    form = ReasonForm(request.POST)
    if form.is_valid():
        unmask(request, conversation)
        record(request, Action.UNMASKED, conversation[:SUBJECT], form.cleaned_data["reason"])
    return redirect(f"{reverse('review:conversation', args=[conversation])}?{request.GET.urlencode()}")
