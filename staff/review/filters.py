"""Which turns the list shows."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, F, FloatField, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, Concat
from django.db.models.lookups import Exact, GreaterThanOrEqual, In, LessThan
from django.forms.utils import flatatt
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from staff.accounts.models import User
from staff.review.answers import answers
from staff.review.models import Review, Turn

Turns = QuerySet[Turn]

DECISIONS = (
    ("answer", _("answered")),
    ("urgent", _("urgent")),
    ("choices", _("choices offered")),
    ("unknown", _("no answer found")),
    ("dialogue", _("conversation")),
)
LANGUAGES = (("en", _("English")), ("es", _("Spanish")))
CHANNELS = (("website", _("website")), ("sms", _("text message")), ("whatsapp", _("WhatsApp")))
FEEDBACK = (
    ("helped", _("helped")),
    ("not_helped", _("did not help")),
    ("outdated", _("outdated")),
    ("wrong", _("wrong")),
)

#: Up to so many conversations or turns are named in a query; more lie dense enough to be met.
_FEW = 2_000


class PlainSelect(forms.Select):
    """A select without a template for each option: some have hundreds."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the HTML."""
        attributes = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", attributes, options_of(self.choices, value))


def options_of(choices: Iterable[tuple[Any, Any]], value: Any = None) -> SafeString:
    """Return the options of a select as HTML."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, " selected" if str(key) == str(value or "") else "", name) for key, name in choices),
    )


class TurnFilter(filters.FilterSet):
    """The filters of the list.

    With `by_id` the turns are already picked by their ids, and the conditions are written so that
    no database takes an index of theirs instead.
    """

    language = filters.ChoiceFilter(
        widget=PlainSelect, label=_("Language"), choices=LANGUAGES, method="_equal"
    )
    channel = filters.ChoiceFilter(widget=PlainSelect, label=_("Channel"), choices=CHANNELS, method="_equal")
    topic = filters.ChoiceFilter(
        widget=PlainSelect, label=_("Topic"), choices=lambda: topic_choices(), method="_topic"
    )
    entry = filters.ChoiceFilter(
        widget=PlainSelect, label=_("Answer"), choices=lambda: entry_choices(), method="_entry"
    )
    decision = filters.ChoiceFilter(
        widget=PlainSelect, label=_("What it did"), choices=DECISIONS, method="_equal"
    )
    below = filters.NumberFilter(label=_("Confidence below (%)"), method="_below", min_value=0, max_value=100)
    above = filters.NumberFilter(label=_("Confidence above (%)"), method="_above", min_value=0, max_value=100)
    feedback = filters.ChoiceFilter(
        widget=PlainSelect, label=_("Feedback"), choices=FEEDBACK, method="_equal"
    )
    reviewed = filters.ChoiceFilter(
        widget=PlainSelect,
        label=_("Reviewed"),
        choices=(("yes", _("Yes")), ("no", _("No"))),
        method="_reviewed",
    )
    label = filters.CharFilter(label=_("Label"), method="_label", max_length=20)
    assigned = filters.ChoiceFilter(
        widget=PlainSelect, label=_("Assigned to"), choices=lambda: person_choices(), method="_assigned"
    )

    @classmethod
    def get_filters(cls) -> dict[str, filters.Filter]:
        """Return the filters by name; two of the names are none for an attribute of Python."""
        day = forms.DateInput(attrs={"type": "date"})
        return {
            "from": filters.DateFilter(label=_("From"), method="_since", widget=day),
            "to": filters.DateFilter(label=_("To"), method="_until", widget=day),
            **super().get_filters(),
        }

    def __init__(self, data: QueryDict, request: HttpRequest, by_id: bool = False) -> None:
        super().__init__(data, Turn.objects.all(), request=request)
        self.by_id = by_id

    @property
    def used(self) -> list[str]:
        """The names of the filters that are set."""
        return [
            name
            for name in self.filters
            if self.form.is_valid() and self.form.cleaned_data.get(name) not in (None, "")
        ]

    @property
    def streams(self) -> list[Turns]:
        """The turns as one or more sets, each of which an index gives in the order of time."""
        topic = self.form.cleaned_data.get("topic") if self.form.is_valid() else ""
        if not topic or self._picked:
            return [self.qs]
        return [self.qs.filter(intent=intent) for intent in answers().intents_of(topic)]

    def _equal(self, turns: Turns, name: str, value: str) -> Turns:
        return turns.filter(Exact(plain(name), value)) if self.by_id else turns.filter(**{name: value})

    def _since(self, turns: Turns, _name: str, value: datetime.date) -> Turns:
        return turns.filter(timestamp__gte=_midnight(value))

    def _until(self, turns: Turns, _name: str, value: datetime.date) -> Turns:
        # The last day of all has no day after it.
        day = datetime.timedelta(days=1 if value < datetime.date.max else 0)
        return turns.filter(timestamp__lt=_midnight(value + day))

    def _topic(self, turns: Turns, _name: str, value: str) -> Turns:
        # Otherwise `streams` asks for one entry after the other.
        return turns.filter(In(plain("intent"), answers().intents_of(value))) if self._picked else turns

    @property
    def _picked(self) -> bool:
        """Whether few turns are left before the topic is looked at: feedback is rare."""
        return self.by_id or bool(self.form.cleaned_data.get("feedback"))

    def _entry(self, turns: Turns, _name: str, value: str) -> Turns:
        return self._equal(turns, "intent", answers().by_id[value].intent)

    def _below(self, turns: Turns, _name: str, value: Any) -> Turns:
        return self._confidence(turns, "lt", float(value) / 100)

    def _above(self, turns: Turns, _name: str, value: Any) -> Turns:
        return self._confidence(turns, "gte", float(value) / 100)

    def _confidence(self, turns: Turns, lookup: str, value: float) -> Turns:
        if not self.by_id:
            found = Turn.objects.filter(**{f"confidence__{lookup}": value})
            ids = list(found.values_list("id", flat=True)[: _FEW + 1])
            if len(ids) <= _FEW:
                return turns.filter(id__in=ids)
        # Many lie dense: they are met in the order of time, which the index would lose.
        plain = F("confidence") + Value(0.0, output_field=FloatField())
        compare = LessThan if lookup == "lt" else GreaterThanOrEqual
        return turns.filter(compare(plain, value))

    def _reviewed(self, turns: Turns, _name: str, value: str) -> Turns:
        reviewed = Review.objects.filter(reviewed__isnull=False)
        if value == "yes":
            return _of_conversations(turns, reviewed)
        return turns.filter(~Exists(reviewed.filter(conversation=OuterRef("conversation"))))

    def _label(self, turns: Turns, _name: str, value: str) -> Turns:
        spaced = Concat(Value(" "), F("labels"), Value(" "))
        return _of_conversations(
            turns, Review.objects.alias(spaced=spaced).filter(spaced__contains=f" {value.lower()} ")
        )

    def _assigned(self, turns: Turns, _name: str, value: str) -> Turns:
        if value == "nobody":
            taken = Review.objects.filter(assigned__isnull=False)
            return turns.filter(~Exists(taken.filter(conversation=OuterRef("conversation"))))
        user: Any = self.request.user
        number = user.pk if value == "me" else int(value)
        return _of_conversations(turns, Review.objects.filter(assigned=number))


def plain(name: str) -> Coalesce:
    """Return a column as no index has it: the database finds the rows by another condition."""
    return Coalesce(F(name), Value(""))


def _of_conversations(turns: Turns, reviews: QuerySet[Review]) -> Turns:
    names = list(reviews.values_list("conversation", flat=True)[: _FEW + 1])
    if len(names) <= _FEW:
        return turns.filter(conversation__in=names)
    return turns.filter(Exists(reviews.filter(conversation=OuterRef("conversation"))))


def _midnight(day: datetime.date) -> float:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp()


def topic_choices() -> list[tuple[str, str]]:
    """Return the topics with their names."""
    known = answers()
    return sorted(((topic, known.topic_name(topic)) for topic in known.topics), key=_name)


def entry_choices() -> list[tuple[str, str]]:
    """Return the answers with their titles."""
    return sorted(((answer.id, answer.name) for answer in answers().by_intent.values()), key=_name)


def person_choices() -> list[tuple[str, Any]]:
    """Return whom a conversation can be assigned to."""
    return [("me", _("me")), ("nobody", _("nobody")), *people()]


def people() -> Iterable[tuple[str, str]]:
    """Return everybody who works here."""
    return [(str(user.pk), str(user)) for user in User.objects.filter(is_active=True).order_by("name")]


def _name(choice: tuple[str, str]) -> str:
    return choice[1].lower()
