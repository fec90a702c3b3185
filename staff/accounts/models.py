"""The people who work here."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.accounts.roles import Role


class UserManager(BaseUserManager["User"]):
    """Makes users."""

    def create_user(self, email: str, name: str = "", role: str = Role.REVIEWER) -> User:
        """Create someone who can sign in once they have set a password by their invitation."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, role=role)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Someone of the staff."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    role = models.CharField(
        _("role"),
        max_length=16,
        choices=[c for c in Role.choices if c[0] != Role.ANYONE],
        default=Role.REVIEWER,
    )
    language = models.CharField(_("language"), max_length=2, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    invited = models.DateTimeField(_("invited"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def may(self, role: Role) -> bool:
        """Whether this person may do what the role may."""
        return self.is_active and Role(self.role).includes(role)

    def __str__(self) -> str:
        return self.name or self.email
