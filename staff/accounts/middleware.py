"""Nobody opens a page that is not for their role, or without the second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from staff.accounts.roles import Role


class AccessMiddleware:
    """Checks each view's mark (staff/accounts/roles.py); a view without one opens for nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with nothing left in the browser's cache."""
        response = self._get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Let pass, send to the sign-in or to the second factor, or refuse."""
        role = getattr(view, "role", None)
        if role is None:
            raise PermissionDenied
        if role is Role.ANYONE:
            return None
        user: Any = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        # Whoever has no second factor yet may do nothing but set one up.
        if not user.is_verified() and not getattr(view, "before_second_factor", False):
            return redirect("accounts:second_factor")
        if not user.may(role):
            raise PermissionDenied
        return None


def no_address(_request: HttpRequest) -> str:
    """Stand in for the address of whoever signs in: it is not kept."""
    return "0.0.0.0"  # noqa: S104 - no address to listen on
