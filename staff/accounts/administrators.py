"""Somebody must always be able to invite the others."""

from __future__ import annotations

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet

from staff.accounts.models import User
from staff.accounts.roles import Role


def active() -> QuerySet[User]:
    """Return the administrators who can sign in: not those who have yet to accept an invitation."""
    people = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    return people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def is_last(user: User) -> bool:
    """Whether there is no other one. Within a transaction others wait until it is over."""
    administrators = set(active().select_for_update().values_list("pk", flat=True))
    return administrators == {user.pk}
