"""What editors write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from bot.content import LANGUAGES, SMS, WEB, Catalogue, Entry, Source, Text
from bot.replies import TOPICS
from staff.teach.changes import texts_of
from staff.teach.files import TEXT_FIELDS, TITLE_FIELDS, Value
from staff.teach.problems import LABELS

#: No entry has more; a form with more rows than this was not made here.
MAX_SOURCES, MAX_CHOSEN = 12, 8

#: Empty rows for more sources, related answers and organizations.
_SPARE = 2

AUDIENCES = {
    "all": _("everybody"),
    "student": _("students"),
    "parent": _("parents"),
    "worker": _("workers"),
    "educator": _("people who teach"),
    "provider": _("people who help others"),
}
LANGUAGE_NAMES = {"en": _("English"), "es": _("Spanish")}
_DATES = ("reviewed", "review_by")
_SOURCE = ("org", "title", "url", "as_of")


def tidy(text: str) -> str:
    """Return a text with plain line ends and no spaces at them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


class Wording(forms.CharField):
    """A text in one of the two languages; what is wrong with it the checks say, not the field."""

    def __init__(self, name: str, long: bool = False) -> None:
        channel = name.rpartition(".")[2]
        rows = 12 if channel == WEB else 5
        super().__init__(
            required=False,
            max_length=5_000,
            strip=False,
            label=LABELS[name],
            widget=forms.Textarea(attrs={"rows": rows}) if long else forms.TextInput(attrs={"size": 60}),
        )
        # A line of nulls is one invisible character more, which the checks name.
        self.validators = [v for v in self.validators if "null" not in getattr(v, "code", "")]
        self.widget.attrs["lang"] = name.split(".")[1]

    def to_python(self, value: Any) -> str:
        """Return the text with plain line ends."""
        return tidy(str(super().to_python(value) or ""))


class EntryForm(forms.Form):
    """All fields of an entry; the names are those of `Draft.update` with "_" for "."."""

    digest = forms.CharField(widget=forms.HiddenInput, required=False)
    reviewed = forms.CharField(label=LABELS["reviewed"], required=False, max_length=20)
    reviewed_by = forms.CharField(label=LABELS["reviewed_by"], required=False, max_length=100)
    review_by = forms.CharField(label=LABELS["review_by"], required=False, max_length=20)
    volatile = forms.BooleanField(
        label=_("Law, fees or phones in it change quickly"),
        required=False,
    )
    audience = forms.MultipleChoiceField(
        label=LABELS["audience"],
        choices=list(AUDIENCES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TITLE_FIELDS:
            self.fields[name.replace(".", "_")] = Wording(name)
        for name in TEXT_FIELDS:
            self.fields[name.replace(".", "_")] = Wording(name, long=True)
        for name in _DATES:
            self.fields[name].widget.input_type = "date"  # type: ignore[attr-defined]

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """The texts, English beside Spanish."""
        names = ("title_{}", "text_{}_web", "text_{}_sms")
        return [tuple(self[name.format(language)] for language in LANGUAGES) for name in names]  # type: ignore[misc]

    @property
    def dates(self) -> list[Any]:
        """When it was reviewed, by whom, and when again."""
        return [self[name] for name in ("reviewed", "reviewed_by", "review_by")]

    def values(self) -> dict[str, Value]:
        """Return the fields as `Draft.update` wants them."""
        data = self.cleaned_data
        texts = {name: data[name.replace(".", "_")] for name in (*TITLE_FIELDS, *TEXT_FIELDS)}
        plain = {name: data[name].strip() for name in ("reviewed", "reviewed_by", "review_by")}
        return {**texts, **plain, "volatile": data["volatile"], "audience": data["audience"]}


def initial_of(entry: Entry, digest: str) -> dict[str, Any]:
    """Return what the form of an entry begins with."""
    texts = {name.replace(".", "_"): text for name, text in texts_of(entry).items()}
    names = ("reviewed", "reviewed_by", "review_by", "volatile")
    plain = {name: getattr(entry, name) for name in names}
    return {**texts, **plain, "audience": list(entry.audience), "digest": digest}


def lists_in(data: QueryDict) -> dict[str, Value]:
    """Return sources, related answers and organizations, which have rows of their own."""
    columns = [[value.strip() for value in data.getlist(f"source_{name}")][:MAX_SOURCES] for name in _SOURCE]
    sources = [dict(zip(_SOURCE, row, strict=True)) for row in zip(*columns, strict=False) if any(row)]
    chosen = {
        name: [value for value in dict.fromkeys(data.getlist(name)) if value][:MAX_CHOSEN]
        for name in ("related", "resources")
    }
    return {"sources": sources, **chosen}


def entry_with(entry: Entry, values: dict[str, Any]) -> Entry:
    """Return an entry as it would be with the values of the form."""
    texts = tuple(
        Text(language, channel, values[f"text.{language}.{channel}"])
        for channel in (WEB, SMS)
        for language in LANGUAGES
        if values[f"text.{language}.{channel}"]
    )
    return replace(
        entry,
        title={language: values[f"title.{language}"] for language in LANGUAGES},
        texts=texts,
        sources=tuple(Source(**source) for source in values["sources"]),
        related=tuple(values["related"]),
        resources=tuple(values["resources"]),
        audience=tuple(values["audience"]),
        volatile=values["volatile"],
        reviewed=values["reviewed"],
        reviewed_by=values["reviewed_by"],
        review_by=values["review_by"],
    )


def source_rows(sources: Sequence[Any]) -> list[Any]:
    """Return the rows of the sources, and empty ones for more."""
    rows = [s if isinstance(s, dict) else {name: getattr(s, name) for name in _SOURCE} for s in sources]
    return [*rows, *([dict.fromkeys(_SOURCE, "")] * _SPARE)]


def chosen_rows(chosen: Sequence[str]) -> list[str]:
    """Return the rows of a list of ids, and empty ones for more."""
    return [*chosen, *([""] * _SPARE)]


class NewForm(forms.Form):
    """What a new entry begins with; its questions stand one on a line."""

    id = forms.RegexField(
        r"^[a-z][a-z0-9_]{2,59}$",
        label=LABELS["id"],
        help_text=_("As the files call it: a-z, 0-9 and _, for example daca_lost_card."),
        error_messages={"invalid": _("Use 3 to 60 of a-z, 0-9 and _, a letter first.")},
    )
    topic = forms.ChoiceField(label=LABELS["topic"])
    source_org = forms.CharField(label=_("Organization"), max_length=200)
    source_title = forms.CharField(label=_("Title of the page"), max_length=300)
    source_url = forms.CharField(label=_("Address of the page"), max_length=500)
    source_as_of = forms.CharField(label=_("Date of the page"), max_length=40)
    volatile = forms.BooleanField(
        label=_("Law, fees or phones in it change quickly"), required=False, initial=True
    )
    confirmed = forms.BooleanField(label=_("Nothing here points to one person"), required=False)

    def __init__(self, *args: Any, catalogue: Catalogue, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [(topic, catalogue.phrase(f"topic_{topic}", language)) for topic in TOPICS]
        self.fields["topic"].choices = topics  # type: ignore[attr-defined]
        for name in TITLE_FIELDS:
            self.fields[name.replace(".", "_")] = Wording(name)
        for name in TEXT_FIELDS:
            self.fields[name.replace(".", "_")] = Wording(name, long=True)
        for code in LANGUAGES:
            field = forms.CharField(
                label=LABELS[f"examples.{code}"],
                help_text=_("One on a line, as different people would ask; at least 12."),
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 8, "lang": code}),
            )
            self.fields[f"examples_{code}"] = field

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """The texts and questions, English beside Spanish."""
        names = ("title_{}", "text_{}_web", "text_{}_sms", "examples_{}")
        return [tuple(self[name.format(language)] for language in LANGUAGES) for name in names]  # type: ignore[misc]

    @property
    def source(self) -> list[Any]:
        """The fields of the source."""
        return [self[f"source_{name}"] for name in _SOURCE]

    def clean_id(self) -> str:
        """Refuse what is an address of its own here."""
        id_ = str(self.cleaned_data["id"])
        if id_ in ("example", "new", "near_scope", "out_of_scope"):
            raise forms.ValidationError(_("This short name is taken."))
        return id_

    def examples(self) -> dict[str, list[str]]:
        """Return the questions by language, each once."""
        return {
            language: [
                line
                for line in dict.fromkeys(
                    map(str.strip, tidy(self.cleaned_data[f"examples_{language}"]).split("\n"))
                )
                if line
            ]
            for language in LANGUAGES
        }


class ExampleForm(forms.Form):
    """A question that becomes an example."""

    text = forms.CharField(
        label=_("The question, in other words"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    language = forms.ChoiceField(label=_("Its language"), choices=list(LANGUAGE_NAMES.items()))
    entry = forms.CharField(label=_("The answer that it belongs to"), max_length=100)
    confirmed = forms.BooleanField(label=_("Nothing here points to one person"), required=False)


class QuestionForm(forms.Form):
    """An example question that somebody of the staff thought of."""

    text = forms.CharField(
        label=_("Another question"), max_length=500, widget=forms.TextInput(attrs={"size": 50})
    )
    language = forms.ChoiceField(label=_("Its language"), choices=list(LANGUAGE_NAMES.items()))


class ApprovalForm(forms.Form):
    """Who read an answer and found it right; the files keep the English words."""

    reviewed_by = forms.ChoiceField(
        label=_("Reviewed by"),
        choices=[
            ("", _("choose")),
            ("lawyer", _("a lawyer")),
            ("accredited representative", _("an accredited representative")),
            ("staff", _("our own staff")),
        ],
    )
