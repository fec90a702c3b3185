"""The dashboard's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from staff.accounts.roles import Role, needs
from staff.figures.dashboard import PERIODS, current


def period_of(request: HttpRequest) -> int:
    """Return the number of days that an address asks for, or the usual one."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else 30


@needs(Role.REVIEWER)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what was asked, how it was answered, and what falls due."""
    days = period_of(request)
    user: Any = request.user
    context = {
        "days": days,
        "periods": PERIODS,
        "figures": current(days),
        "may_export": user.may(Role.EDITOR),
        "may_care": user.may(Role.ADMINISTRATOR),
    }
    return render(request, "figures/dashboard.html", context)
