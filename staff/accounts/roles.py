"""What each role may do: each includes the ones before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

View = TypeVar("View", bound=Callable[..., Any])


class Role(TextChoices):
    """A reviewer reads and marks, an editor also writes and publishes, an administrator does all."""

    ANYONE = "anyone", _("Anyone")
    REVIEWER = "reviewer", _("Reviewer")
    EDITOR = "editor", _("Editor")
    ADMINISTRATOR = "administrator", _("Administrator")

    @property
    def rank(self) -> int:
        """The place of the role: a higher one may do more."""
        return list(Role).index(self)

    def includes(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        return self.rank >= other.rank


def needs(role: Role) -> Callable[[View], View]:
    """Mark a view with the least role that may open it. A view without a mark opens for nobody."""

    def mark(view: View) -> View:
        view.role = role  # type: ignore[attr-defined]
        return view

    return mark
