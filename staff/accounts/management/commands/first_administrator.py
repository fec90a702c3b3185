"""Make the first administrator, who invites the others."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from staff.accounts import administrators, invitations
from staff.accounts import second_factor as factors
from staff.accounts.models import User
from staff.accounts.roles import Role
from staff.audit.models import Action, record


class Command(BaseCommand):
    """Prints a link by which the administrator sets a password; there is none to begin with."""

    help = "Make the first administrator and print the link by which they set their password."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the e-mail."""
        parser.add_argument("email")
        parser.add_argument(
            "--again",
            action="store_true",
            help="make one though there is one: for when nobody can sign in any more; "
            "takes away the second factor of this e-mail",
        )

    def handle(self, *args: Any, email: str, again: bool, **options: Any) -> None:
        """Make the person, or a new link for one who has not used the first."""
        email = email.strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        with transaction.atomic():
            if administrators.active().exists() and not again:
                raise CommandError(
                    _(
                        "There is an administrator already: they invite the others. "
                        "If nobody can sign in any more, add --again."
                    )
                )
            user = User.objects.filter(email=email).first() or User.objects.create_user(email)
            user.role, user.is_active = Role.ADMINISTRATOR, True
            user.save(update_fields=["role", "is_active"])
            factors.forget(user)
            link = invitations.new_link(user)
            record(None, Action.INVITED, email, "command")
        self.stdout.write(
            _("Open this link within %(days)s days to set your password:") % {"days": invitations.days()}
        )
        self.stdout.write(link)
