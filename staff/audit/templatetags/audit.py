"""The words of a line's detail."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

#: Details that come again and again; others are names and numbers, which need no translation.
_WORDS: Mapping[str, str | Promise] = {
    "password": _("password"),
    "invitation": _("by an invitation"),
    "code": _("second factor: code"),
    "backup_code": _("second factor: backup code"),
    "set_up": _("second factor: set up"),
    "backup_codes": _("new backup codes"),
    "profile": _("own account"),
    "name": _("name"),
    "reviewer": _("role: reviewer"),
    "editor": _("role: editor"),
    "administrator": _("role: administrator"),
    "activated": _("activated"),
    "deactivated": _("deactivated"),
    "new_link": _("new link"),
    "second_factor_reset": _("second factor: reset"),
    "command": _("first administrator"),
    "person_asked": _("The person asked for a copy"),
    "fault": _("To show a fault to whoever maintains the program"),
    "law": _("A law or a court requires it"),
}


@register.filter
def words(detail: str) -> str:
    """Return a detail in the reader's language."""
    return str(_WORDS.get(detail, detail))
