"""What leaves the app as a file: the counts, and one conversation."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bot.privacy import redact
from staff.accounts.roles import Role, needs
from staff.audit.models import Action, record
from staff.figures.dashboard import current
from staff.figures.views import period_of
from staff.review.models import Turn

#: Spreadsheets take cells that begin so for formulas.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

#: So much of a conversation's hash names it in the log and in the file's name.
_START = 12


class Reason(TextChoices):
    """Why someone takes a conversation out of the app."""

    PERSON = "person_asked", gettext_lazy("The person asked for a copy")
    FAULT = "fault", gettext_lazy("To show a fault to whoever maintains the program")
    LAW = "law", gettext_lazy("A law or a court requires it")


class ReasonForm(forms.Form):
    """Asks for the reason."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=[("", gettext_lazy("Choose a reason")), *Reason.choices]
    )


@require_safe
def _table(request: HttpRequest) -> HttpResponse:
    days = period_of(request)
    figures = current(days)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="conoce-{figures.span.last}-{days}.csv"'
    response.write("\ufeff")  # Without it Excel does not see that this is UTF-8.
    file = csv.writer(response)
    file.writerow([_("table"), _("key"), _("name"), _("what is counted"), _("number")])
    for table in figures.tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                number = str(cell.shown) if cell.shown.value is None else cell.shown.value
                file.writerow(
                    [safe_cell(table.title), safe_cell(row.key), safe_cell(row.name), column, number]
                )
    record(request, Action.EXPORTED, subject="figures", detail=f"{figures.span.first} {figures.span.last}")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def _conversation(request: HttpRequest, conversation: str) -> HttpResponse:
    turns = Turn.objects.filter(conversation=conversation).order_by("id")
    if not turns.exists():
        raise Http404
    form = ReasonForm(request.POST or None)
    start = conversation[:_START]
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "start": start, "number": turns.count()}
        return render(request, "figures/conversation_export.html", context)
    record(request, Action.EXPORTED, subject=start, detail=form.cleaned_data["reason"])
    lines = [json.dumps(_line(turn), ensure_ascii=False) + "\n" for turn in turns]
    response = HttpResponse(lines, content_type="application/x-ndjson; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="conversation-{start}.jsonl"'
    return response


table = needs(Role.EDITOR)(_table)
conversation = needs(Role.ADMINISTRATOR)(_conversation)


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(turn: Turn) -> dict[str, Any]:
    """Return what is told of a turn. Its text was redacted before it was kept, and is once more."""
    return {
        "time": datetime.fromtimestamp(turn.timestamp, UTC).isoformat(timespec="seconds"),
        "channel": turn.channel,
        "language": turn.language,
        "text": None if turn.text is None else redact(turn.text).text,
        "redacted": turn.redacted.split(",") if turn.redacted else [],
        "decision": turn.decision,
        "intent": turn.intent,
        "confidence": turn.confidence,
        "feedback": turn.feedback,
    }
