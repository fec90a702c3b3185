"""What every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from staff.accounts.roles import Role

#: Name of the address, its words, who sees it.
_PLACES = (
    ("review:queues", _("To do"), Role.REVIEWER),
    ("review:list", _("Conversations"), Role.REVIEWER),
    ("teach:entries", _("Answers"), Role.REVIEWER),
    ("publish:draft", _("Publish"), Role.EDITOR),
    ("figures:dashboard", _("Figures"), Role.REVIEWER),
    ("accounts:people", _("People"), Role.ADMINISTRATOR),
    ("audit:log", _("Log"), Role.ADMINISTRATOR),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the places that the person may go to."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_verified():
        return {"places": []}
    match = request.resolver_match
    here = match.view_name if match else ""
    return {
        "places": [
            {"name": name, "words": words, "here": name == here}
            for name, words, role in _PLACES
            if user.may(role)
        ]
    }
