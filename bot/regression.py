"""A report beside an earlier one: what got worse by more than luck explains.

A figure is worse when it lies outside the 95 % interval that the earlier report gives it, on the bad
side. That is strict for two runs over the same questions, which differ in few of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.errors import ContentError

#: Figures of which less is better; of all others that count, more is.
LESS_IS_BETTER = frozenset({"answered and wrong", "follow-ups: answered and wrong", "forbidden answers"})

#: Groups in which saying an entry at all is the mistake.
_NOTHING_TO_SAY = "out of scope"

#: In these groups less is better of these figures too.
_LESS_HERE = {"look-alikes of urgent": {"taken for urgent"}}

#: What is neither good nor bad for itself: another figure tells.
_NEUTRAL = frozenset({"choices", "unknown or dialogue", "unknown", "referral or dialogue"})


def losses(report: Mapping[str, Any], earlier: Mapping[str, Any]) -> list[str]:
    """Return a line for each loss of a report, as `conoce evaluate --json` gives it.

    Raises ContentError when the reports are of different questions.
    """
    for name in ("files", "texts"):
        if report[name] != earlier[name]:
            raise ContentError(
                [
                    f"The reports are of different questions ({name}: {report[name]}, before "
                    f"{earlier[name]}): evaluate the same files, or make the report anew."
                ]
            )
    known = {each["id"] for each in earlier["forbidden"]}
    new = [each for each in report["forbidden"] if each["id"] not in known]
    return [
        *(f"forbidden answer: {each['id']}: {each['text']} -> {each['said']}" for each in new),
        *_worse(report["groups"], earlier["groups"]),
    ]


def _worse(groups: Mapping[str, Any], earlier: Mapping[str, Any]) -> Iterator[str]:
    for group, figures in earlier.items():
        for name, before in figures.items():
            if name in _NEUTRAL or not before["of"]:
                continue
            now = groups.get(group, {}).get(name)
            if now is None:
                yield f"{group}: {name}: is gone"
            elif now["share"] > before["high"] if _less(group, name) else now["share"] < before["low"]:
                yield (
                    f"{group}: {name}: {now['share']:.3f}, before {before['share']:.3f} "
                    f"({before['low']:.3f} to {before['high']:.3f})"
                )


def _less(group: str, name: str) -> bool:
    nothing = group.startswith(_NOTHING_TO_SAY) and name == "answered"
    return nothing or name in LESS_IS_BETTER or name in _LESS_HERE.get(group, ())


def read_report(path: Path) -> dict[str, Any]:
    """Read a report.json. Raises ContentError when it is none."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if not {"files", "texts", "groups", "forbidden"} <= set(report):
            raise ValueError("something is missing")
    except (OSError, ValueError, TypeError) as error:
        raise ContentError(
            [f"{path}:1: is no report of `conoce evaluate --report` ({error}): name one."]
        ) from None
    return dict(report)
