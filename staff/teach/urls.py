"""The addresses of the app."""

from __future__ import annotations

from django.urls import path, register_converter

from staff.teach import teaching, views

app_name = "teach"


class EntryId:
    """The id of an entry in an address: `daca_renewal_when`, `urgent/at_door`."""

    regex = r"(?:urgent/)?[a-z][a-z0-9_]{0,79}"

    def to_python(self, value: str) -> str:
        """Return the id."""
        return value

    def to_url(self, value: str) -> str:
        """Return the id as it stands in the address."""
        return value


register_converter(EntryId, "entry")

urlpatterns = [
    path("", views.entries, name="entries"),
    path("example/", teaching.example, name="example"),
    path("new/", teaching.new, name="new"),
    path("<entry:id>/", views.entry, name="entry"),
    path("<entry:id>/check/", views.check, name="check"),
    path("<entry:id>/approve/", views.approve, name="approve"),
    path("<entry:id>/discard/", views.discard, name="discard"),
    path("<entry:id>/examples/", views.examples, name="examples"),
]
