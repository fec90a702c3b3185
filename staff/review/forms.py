"""What staff send about conversations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from staff.review import care, masking
from staff.review.answers import answers
from staff.review.filters import people
from staff.review.models import Treatment

#: No group has more turns: each question of a queue brings two at most.
MAX_TURNS = 1_000


class ReasonForm(forms.Form):
    """Why a text is opened."""

    reason = forms.ChoiceField(label=_("Why do you read it?"), choices=masking.Reason.choices)


class LabelsForm(forms.Form):
    """The labels of a conversation: known ones, and words of one's own."""

    labels = forms.MultipleChoiceField(
        label=_("Labels"),
        choices=list(care.LABELS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    others = forms.CharField(
        label=_("Other labels"),
        help_text=_("Short words of a-z, 0-9, - and _, with spaces between them. No names of people."),
        required=False,
        max_length=200,
    )

    def clean_others(self) -> list[str]:
        """Return the words one by one."""
        words = str(self.cleaned_data["others"]).lower().split()
        if any(not care.LABEL.fullmatch(word) for word in words):
            raise forms.ValidationError(_("A label has up to 20 of a-z, 0-9, - and _."))
        return words

    def clean(self) -> dict[str, Any]:
        """Put both together under `all`."""
        data = super().clean() or self.cleaned_data
        every = [*data.get("labels", []), *data.get("others", [])]
        if len(every) > care.MAX_LABELS:
            raise forms.ValidationError(_("Too many labels: keep the ones that matter."))
        return {**data, "all": every}


class NoteForm(forms.Form):
    """A remark on a conversation."""

    text = forms.CharField(
        label=_("Note"),
        help_text=_("It is deleted with the conversation."),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AssignForm(forms.Form):
    """Who looks after a conversation."""

    person = forms.ChoiceField(label=_("Assigned to"), required=False)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        field: Any = self.fields["person"]
        field.choices = [("", _("nobody")), *people()]


class TreatForm(forms.Form):
    """What becomes of some turns. `assign` is an answer that was suggested, `entry` one chosen."""

    turns = forms.CharField(max_length=MAX_TURNS * 11)
    kind = forms.ChoiceField(choices=Treatment.Kind.choices, required=False)
    assign = forms.CharField(required=False)
    entry = forms.CharField(required=False)

    def clean_turns(self) -> list[int]:
        """Return the numbers of the turns, which come in one or more lists with commas."""
        data: Any = self.data
        try:
            turns = [int(number) for part in data.getlist("turns") for number in part.split(",")]
        except ValueError:
            turns = []
        if not 0 < len(turns) <= MAX_TURNS or not all(0 < number < 2**31 for number in turns):
            raise forms.ValidationError(_("Choose at least one question."))
        return turns

    def clean(self) -> dict[str, Any]:
        """Return the kind and the answer, which only an assigned question has."""
        data = super().clean() or self.cleaned_data
        kind = Treatment.Kind.ASSIGNED if data.get("assign") else data.get("kind")
        if not kind:
            raise forms.ValidationError(_("Choose what to do."))
        entry = (data.get("assign") or data.get("entry")) if kind == Treatment.Kind.ASSIGNED else ""
        if kind == Treatment.Kind.ASSIGNED and entry not in answers().by_id:
            raise forms.ValidationError(_("Choose an answer."))
        return {**data, "kind": Treatment.Kind(kind), "entry": entry}
