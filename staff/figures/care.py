"""What is kept of people, where and how long."""

from __future__ import annotations

import time

from django.conf import settings
from django.db.models import Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from staff.accounts.roles import Role, needs
from staff.figures.models import Kept
from staff.figures.suppression import show
from staff.review.models import Turn

_A_DAY = 86_400


@needs(Role.ADMINISTRATOR)
def care(request: HttpRequest) -> HttpResponse:
    """Show the settings that protect people, and what is there now."""
    oldest = Turn.objects.aggregate(oldest=Min("timestamp"))["oldest"]
    installation = settings.INSTALLATION
    context = {
        "retention_days": installation.retention_days,
        "transcripts": installation.transcripts,
        "mask": settings.MASK_TEXT,
        "second_person": settings.SECOND_PERSON,
        "kept": show(Kept.objects.count()),
        "oldest_days": None if oldest is None else max(0, int((time.time() - oldest) // _A_DAY)),
    }
    return render(request, "figures/care.html", context)
