"""Invitations: a link, good for once and three days, by which someone sets their password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from staff.accounts.models import User


class _Tokens(PasswordResetTokenGenerator):
    """Signs who is invited as what: a change of either, or a newer invitation, voids the token."""

    key_salt = "staff.accounts.invitations"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        parts = (user.pk, user.password, user.email, user.role, user.is_active, user.last_login, user.invited)
        return " ".join(map(str, (*parts, timestamp)))


tokens = _Tokens()


def days() -> int:
    """Return for how many days a link is good."""
    return settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)


def new_link(user: User) -> str:
    """Return a link for the person; the earlier ones are void."""
    user.invited = timezone.now()
    user.save(update_fields=["invited"])
    # Read again: the token is made of what the database holds.
    user.refresh_from_db()
    path = reverse(
        "accounts:invitation",
        args=(urlsafe_base64_encode(force_bytes(user.pk)), tokens.make_token(user)),
    )
    return str(settings.INSTALLATION.staff_url) + path
