"""Which organizations can help, for a topic and a state."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content import Organization

#: More than this nobody reads in a hurry.
MAX_ORGANIZATIONS = 3

#: When nothing is known of the need, these can help anyone.
GENERAL_HELP = ("immigration_law_help", "united_we_dream", "maldef")

MALDEF = "maldef"


def helpers_for(known: Mapping[str, Organization], topic: str, state: str) -> list[str]:
    """Return ids of organizations for a topic ("daca", "urgent/at_door" or ""), best first.

    `state` is a two-letter code or ""; an organization of other states is left out, and MALDEF's
    regional offices are left to `maldef_offices`.
    """
    fitting = [
        o
        for o in known.values()
        if topic in o.topics and (not o.states or state in o.states) and not o.id.startswith(f"{MALDEF}_")
    ]
    # A line that someone answers comes before a page, an office of the state before the rest.
    fitting.sort(key=lambda o: (state not in o.states, not o.phones))
    chosen = [o.id for o in fitting[:2]]
    chosen += [id_ for id_ in GENERAL_HELP if id_ in known and id_ not in chosen]
    return chosen[:MAX_ORGANIZATIONS]


def maldef_offices(known: Mapping[str, Organization], state: str) -> list[str]:
    """Return MALDEF's office for a state, or its main office."""
    regional = [o.id for o in known.values() if o.id.startswith(f"{MALDEF}_") and state in o.states]
    return regional[:1] or [MALDEF]
