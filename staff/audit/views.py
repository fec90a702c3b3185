"""The page of the log."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from staff.accounts.roles import Role, needs
from staff.audit.filters import EventFilter
from staff.audit.models import Event

PAGE = 50


@needs(Role.ADMINISTRATOR)
def log(request: HttpRequest) -> HttpResponse:
    """Show the lines, the newest first."""
    found = EventFilter(request.GET, Event.objects.select_related("who"))
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    return render(request, "audit/log.html", {"filter": found, "page": page})
