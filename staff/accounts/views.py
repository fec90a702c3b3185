"""Signing in and out, the second factor, the person's own page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_otp import login as otp_login
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.accounts import invitations, languages
from staff.accounts import second_factor as factors
from staff.accounts.forms import CodeForm, ProfileForm, SignInForm
from staff.accounts.roles import Role, needs
from staff.audit.models import Action, record

#: Where a key waits in the session until its first code shows that the app has it.
_PENDING_KEY = "second_factor_key"


def _next(request: HttpRequest) -> str:
    """Return the address to go to: one of ours, or the first page."""
    address = request.POST.get("next", request.GET.get("next", ""))
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if ours else resolve_url(settings.LOGIN_REDIRECT_URL)


class _SignIn(auth.LoginView):
    """The first factor: e-mail and password."""

    template_name = "accounts/login.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_success_url(self) -> str:
        """Lead on to the second factor."""
        address = reverse("accounts:second_factor")
        target = self.get_redirect_url()
        return f"{address}?{urlencode({'next': target})}" if target else address

    def form_valid(self, form: Any) -> HttpResponse:
        """Go on in the person's language."""
        response = super().form_valid(form)
        languages.remember(response, form.get_user().language)
        record(self.request, Action.SIGNED_IN, detail="password")
        return response


class _Invitation(auth.PasswordResetConfirmView):
    """Someone invited chooses a password, and is signed in with it."""

    template_name = "accounts/invitation.html"
    token_generator = invitations.tokens
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    success_url = reverse_lazy("accounts:second_factor")

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the language in which the person, when new, read the invitation."""
        user = form.user
        if user.last_login is None:
            user.language = get_language() or user.language
        response = super().form_valid(form)
        languages.remember(response, user.language)
        record(self.request, Action.SIGNED_IN, detail="invitation")
        return response


class _Password(auth.PasswordChangeView):
    """A new password; other browsers are signed out by it."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and say so."""
        response = super().form_valid(form)
        record(self.request, Action.CHANGED_PERSON, form.user.email, "password")
        messages.success(self.request, _("Your password is changed."))
        return response


login = needs(Role.ANYONE)(_SignIn.as_view())
logout = needs(Role.ANYONE)(auth.LogoutView.as_view())
invitation = needs(Role.ANYONE)(_Invitation.as_view())
password = needs(Role.REVIEWER)(_Password.as_view())


@needs(Role.REVIEWER)
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for a code, or help someone without a second factor to set one up."""
    user: Any = request.user
    if user.is_verified():
        return redirect(_next(request))
    if not factors.exists(user):
        return _set_up(request, user)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        device = factors.accept(user, form.cleaned_data["code"])
        if device:
            _enter(request, device, "code" if isinstance(device, TOTPDevice) else "backup_code")
            return redirect(_next(request))
        form.add_error("code", _("This code is not right, or was used before. Wait a little and try again."))
    return render(request, "accounts/code.html", {"form": form, "next": _next(request)})


second_factor.before_second_factor = True  # type: ignore[attr-defined]


def _set_up(request: HttpRequest, user: Any) -> HttpResponse:
    # In the session: another browser that knows the password does not see this key.
    key = request.session.setdefault(_PENDING_KEY, factors.new_key())
    form = CodeForm(request.POST or None)
    if form.is_valid():
        device = factors.set_up(user, key, form.cleaned_data["code"])
        if device:
            del request.session[_PENDING_KEY]
            _enter(request, device, "set_up")
            return _show_backup_codes(request, user)
        form.add_error("code", _("This code is not right. Look at the app and type the code it shows now."))
    context = {
        "form": form,
        "next": _next(request),
        "picture": factors.picture(user, key),
        "key": factors.readable(key),
    }
    return render(request, "accounts/set_up.html", context)


def _enter(request: HttpRequest, device: Device, how: str) -> None:
    # A new id: one that was known before the second factor must not be worth more after it.
    request.session.cycle_key()
    otp_login(request, device)
    record(request, Action.SIGNED_IN, detail=how)


def _show_backup_codes(request: HttpRequest, user: Any) -> HttpResponse:
    context = {"codes": factors.make_backup_codes(user), "next": _next(request)}
    return render(request, "accounts/backup_codes.html", context)


@needs(Role.REVIEWER)
@require_POST
def backup_codes(request: HttpRequest) -> HttpResponse:
    """Show new backup codes, this once."""
    user: Any = request.user
    record(request, Action.CHANGED_PERSON, user.email, "backup_codes")
    return _show_backup_codes(request, user)


@needs(Role.REVIEWER)
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what is the person's own."""
    user: Any = request.user
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        form.save()
        record(request, Action.CHANGED_PERSON, user.email, "profile")
        messages.success(request, _("Saved."))
        response = redirect("accounts:profile")
        languages.remember(response, user.language)
        return response
    context = {"form": form, "left": factors.backup_codes_left(user)}
    return render(request, "accounts/profile.html", context)


@needs(Role.ANYONE)
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Go on in the other language."""
    user: Any = request.user
    response = redirect(_next(request))
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        languages.remember(response, code)
        if user.is_authenticated:
            user.language = code
            user.save(update_fields=["language"])
    return response
