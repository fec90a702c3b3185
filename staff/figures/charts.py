"""What the script draws of a table, and the words that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from staff.figures.tables import Table

#: A second half that differs by less than a tenth is not worth a word.
_NOTABLE = 0.1


@dataclass(frozen=True)
class Chart:
    """A table, and its picture."""

    table: Table

    @property
    def data_id(self) -> str:
        """The id of the element that holds the data."""
        return f"data-{self.table.id}"

    @property
    def data(self) -> dict[str, Any]:
        """The data as staff/static/staff/figures.js reads it."""
        return {
            "kind": self.table.kind,
            "labels": [row.name for row in self.table.rows],
            "series": [
                {"name": column, "values": [row.cells[place].shown.drawn for row in self.table.rows]}
                for place, column in enumerate(self.table.columns)
            ],
        }

    @property
    def description(self) -> str:
        """What a person who does not see the chart should know of it."""
        saying = _trend(self.table) if self.table.kind == "line" else _largest(self.table)
        return f"{self.table.title}. {saying}"


def _trend(table: Table) -> str:
    """Say whether the first column rises, from the numbers that are shown."""
    values = [row.cells[0].shown.drawn for row in table.rows]
    half = len(values) // 2
    before, after = sum(values[:half]), sum(values[-half:])
    if after > before * (1 + _NOTABLE):
        return _("Questions rise: there were more in the second half of these days than in the first.")
    if after < before * (1 - _NOTABLE):
        return _("Questions fall: there were fewer in the second half of these days than in the first.")
    return _("Questions stay about the same over these days.")


def _largest(table: Table) -> str:
    ranked = sorted(table.rows, key=lambda row: -row.cells[0].shown.drawn)[:3]
    named = "; ".join(f"{row.name}: {row.cells[0].shown}" for row in ranked)
    return _("Most: %(named)s.") % {"named": named}
