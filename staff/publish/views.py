"""The pages: what changed, the check, publishing, going back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bot.errors import ConoceError
from bot.settings import Settings
from staff.accounts.roles import Role, needs
from staff.audit.models import Action, record
from staff.publish import publication
from staff.publish.check import Check
from staff.publish.models import Publication
from staff.teach.models import Change
from staff.teach.workspace import draft as open_draft


def _installation() -> Settings:
    installation: Settings = django_settings.INSTALLATION
    return installation


def _draft_folder() -> Path:
    return open_draft().folder


@needs(Role.EDITOR)
@require_GET
def draft(request: HttpRequest) -> HttpResponse:
    """Show what the draft changes and how its check stands."""
    return render(request, "publish/draft.html", _context(request))


@needs(Role.EDITOR)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """Show how the check stands, alone, for a page that asks again and again."""
    return render(request, "publish/_check.html", _context(request))


@needs(Role.EDITOR)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Start the check of the draft."""
    if open_draft().changes() and Check(_installation(), _draft_folder()).start():
        record(request, Action.CHECKED)
    return redirect("publish:draft")


@needs(Role.EDITOR)
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Publish the draft, if it is as it was checked."""
    installation, found = _installation(), Check(_installation(), _draft_folder())
    state, made = found.state(), found.archive
    if not found.current() or state.result is None or made is None or state.result["problems"]:
        messages.error(request, _("The draft changed since the check, or the check failed: check it again."))
    elif state.result["worse"] and "anyway" not in request.POST:
        messages.error(request, _("More was lost than gained: look at the questions, then confirm."))
    elif open_draft().stale and "undo" not in request.POST:
        messages.error(request, _("The published answers changed since the draft began: confirm that."))
    elif _own_changes(request):
        messages.error(request, _("Somebody else must publish what you changed."))
    else:
        try:
            done = publication.publish(installation, open_draft(), made, _user(request), state.result)
        except ConoceError as error:
            messages.error(request, str(error))
        else:
            Change.objects.filter(published=None).update(published=done.pk)
            record(request, Action.PUBLISHED, str(done.pk), f"+{done.gained} -{done.lost}")
            messages.success(request, _("Published. People get the new answers within seconds."))
    return redirect("publish:draft")


@needs(Role.EDITOR)
@require_POST
def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Go back to an earlier publication."""
    earlier = get_object_or_404(Publication, pk=pk, of=None)
    try:
        publication.roll_back(_installation(), earlier, _user(request))
    except ConoceError as error:
        messages.error(request, str(error))
    else:
        record(request, Action.ROLLED_BACK, str(pk))
        messages.success(request, _("The earlier answers are back within seconds."))
    return redirect("publish:draft")


def _context(request: HttpRequest) -> dict[str, Any]:
    opened = open_draft()
    found = Check(_installation(), opened.folder)
    state = found.state()
    return {
        "changes": opened.changes(),
        "state": state,
        "steps": {
            "checking": _("Reading the texts"),
            "training": _("Training"),
            "comparing": _("Asking the test questions"),
        }.get(state.step, ""),
        "current": found.current(),
        "stale": opened.stale,
        "own": _own_changes(request),
        "publications": Publication.objects.all()[:20],
        "possible": {each.pk for each in publication.possible(_installation())},
    }


def _own_changes(request: HttpRequest) -> bool:
    """Whether a second person must publish because this one changed something."""
    mine = Change.objects.filter(published=None, who=_user(request))
    return bool(django_settings.SECOND_PERSON) and mine.exists()


def _user(request: HttpRequest) -> Any:
    return request.user
