"""The administrator's pages: who works here, as what."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.accounts import invitations
from staff.accounts import second_factor as factors
from staff.accounts.forms import InviteForm, PersonForm
from staff.accounts.models import User
from staff.accounts.roles import Role, needs
from staff.audit.models import Action, record


@needs(Role.ADMINISTRATOR)
def people(request: HttpRequest) -> HttpResponse:
    """List everyone."""
    app = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    everyone = User.objects.annotate(second_factor=Exists(app)).order_by("-is_active", "email")
    return render(request, "accounts/people.html", {"people": everyone})


@needs(Role.ADMINISTRATOR)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite someone: no e-mail is sent, the administrator passes the link on."""
    form = InviteForm(request.POST or None)
    if form.is_valid():
        person = form.save()
        record(request, Action.INVITED, person.email, person.role)
        return _show_link(request, person)
    return render(request, "accounts/invite.html", {"form": form})


@needs(Role.ADMINISTRATOR)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change someone's name, role, and whether they may sign in."""
    with transaction.atomic():
        someone = get_object_or_404(User, pk=pk)
        form = PersonForm(request.POST or None, instance=someone)
        if form.is_valid():
            form.save()
            for field in form.changed_data:
                record(request, Action.CHANGED_PERSON, someone.email, _detail(someone, field))
            messages.success(request, _("Saved."))
            return redirect("accounts:people")
    # As it is, not as the form would have it.
    someone.refresh_from_db()
    context = {"form": form, "person": someone, "second_factor": factors.exists(someone)}
    return render(request, "accounts/person.html", context)


def _detail(someone: User, field: str) -> str:
    if field == "role":
        return str(someone.role)
    if field == "is_active":
        return "activated" if someone.is_active else "deactivated"
    return field


@needs(Role.ADMINISTRATOR)
@require_POST
def new_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new link for someone who lost the first, or forgot the password."""
    someone = get_object_or_404(User, pk=pk, is_active=True)
    record(request, Action.INVITED, someone.email, "new_link")
    return _show_link(request, someone)


@needs(Role.ADMINISTRATOR)
@require_POST
def reset_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Let someone who lost the telephone set up another one."""
    someone = get_object_or_404(User, pk=pk)
    factors.forget(someone)
    record(request, Action.CHANGED_PERSON, someone.email, "second_factor_reset")
    messages.success(request, _("The second factor is reset. They set up a new one when they next sign in."))
    return redirect("accounts:person", pk=pk)


def _show_link(request: HttpRequest, someone: User) -> HttpResponse:
    # Only in this answer: it is kept nowhere.
    context = {"person": someone, "link": invitations.new_link(someone), "days": invitations.days()}
    return render(request, "accounts/link.html", context)
