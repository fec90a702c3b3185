"""The forms for people's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from staff.accounts import administrators
from staff.accounts.models import User
from staff.accounts.roles import Role

# Django's own class takes no parameter at run time.
if TYPE_CHECKING:
    _UserForm = forms.ModelForm[User]
else:
    _UserForm = forms.ModelForm


class SignInForm(AuthenticationForm):
    """E-mail and password."""

    username = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )

    def clean_username(self) -> str:
        """Fold the letters: the lock-out counts by address, however it is written."""
        return str(self.cleaned_data["username"]).lower()


class CodeForm(forms.Form):
    """A code of the authenticator app, or a backup code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )

    def clean_code(self) -> str:
        """Leave out the spaces that make a code easier to read."""
        return "".join(str(self.cleaned_data["code"]).split()).replace("-", "").lower()


class InviteForm(_UserForm):
    """Someone new."""

    class Meta:
        """Which fields."""

        model = User
        fields = ("email", "name", "role")
        error_messages: ClassVar = {"email": {"unique": _("Someone with this e-mail is already here.")}}

    def clean_email(self) -> str:
        """Fold the letters, as at the sign-in."""
        return str(self.cleaned_data["email"]).lower()

    def save(self, commit: bool = True) -> User:
        """Create the person, who has no password yet."""
        data = self.cleaned_data
        return User.objects.create_user(data["email"], name=data["name"], role=data["role"])


class PersonForm(_UserForm):
    """What an administrator may change of someone."""

    class Meta:
        """Which fields."""

        model = User
        fields = ("name", "role", "is_active")
        labels: ClassVar = {"is_active": _("May sign in")}

    def clean(self) -> dict[str, Any] | None:
        """Refuse to leave the place without an administrator."""
        data = super().clean() or {}
        stays = data.get("role") == Role.ADMINISTRATOR and data.get("is_active")
        if not stays and administrators.is_last(self.instance):
            raise forms.ValidationError(_("This is the last administrator. Make someone else one first."))
        return data


class ProfileForm(_UserForm):
    """What people may change of themselves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        """Which fields."""

        model = User
        fields = ("name", "language")
