"""By what the log can be narrowed down."""

from __future__ import annotations

import django_filters
from django.forms import DateInput
from django.utils.translation import gettext_lazy as _

from staff.accounts.models import User
from staff.audit.models import Action, Event


def _date(lookup: str, label: object) -> django_filters.DateFilter:
    # The browser's own calendar sends ISO dates whatever the language.
    widget = DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return django_filters.DateFilter("when", f"date__{lookup}", label=label, widget=widget)


class EventFilter(django_filters.FilterSet):
    """Who, what, from when to when."""

    who = django_filters.ModelChoiceFilter(queryset=User.objects.order_by("email"), label=_("Who"))
    action = django_filters.ChoiceFilter(choices=Action.choices, label=_("What"))
    since = _date("gte", _("From"))
    until = _date("lte", _("Until"))

    class Meta:
        """Only what stands above."""

        model = Event
        fields = ()
