"""One decision for one message: urgent, answer, choices, unknown or dialogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.content import FAQ, URGENT
from bot.matcher import Match
from bot.understanding import (
    ANSWER,
    CHOICES,
    DIALOGUE,
    FALLBACK_INTENT,
    NEAR_SCOPE,
    OUT_OF_SCOPE,
    UNKNOWN,
    Candidate,
)
from bot.understanding import URGENT as URGENT_DECISION

#: Never more than three questions to choose from: people in a hurry read no list.
MAX_CHOICES = 3


@dataclass(frozen=True)
class Decision:
    """What to do. `shown` are the entries offered as choices, `rule` names what decided."""

    kind: str
    intent: str
    confidence: float
    shown: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True)
class Cautions:
    """What is known of mistakes that hurt (docs/decisions/013-careful-groups.md).

    `careful` are groups of entries of which one in place of another hurts. `weighty` are intents that
    change what else holds, wherever they stand in a message: somebody is locked up. `emergencies`
    names the situation in which an entry's question is asked when it is happening now.
    """

    careful: tuple[tuple[str, ...], ...] = ()
    weighty: tuple[str, ...] = ()
    emergencies: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any], topics: Mapping[str, str]) -> Cautions:
        """Read data/matching.yml; `topics` are those of the intents."""
        return cls(
            tuple(tuple(group) for group in settings["careful"]),
            tuple(intent for intent, topic in topics.items() if topic in settings["weighty"]),
            {f"{FAQ}/{entry}": f"{URGENT}/{place}" for entry, place in settings["emergencies"].items()},
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Cautions:
        """Read what `asdict` wrote."""
        careful = tuple(tuple(group) for group in data["careful"])
        return cls(careful, tuple(data["weighty"]), data["emergencies"])


class Decider:
    """Turns probabilities into a decision, by thresholds (data/matching.yml, `decision`).

    urgent    score of something happening now from which first steps come first
    leaning   score that is enough when the situations together have the probability `emergency`
    answer    least probability of an answer, and `margin` its least distance to the second
    doubt     how much more an answer needs for each unit of the score of being outside
    outside   score of being outside from which nothing is offered to choose from
    choice    least probability of each choice; `choices` what all of them must have together
    dialogue  least probability of a dialogue intent or a referral
    risk      most probability of the entries that the answer must not be taken for
    part      probability from which a sentence alone is surely about its entry
    hint      probability of all situations below which the score of happening now stands alone;
              it then counts from `alone`, or where it is not `sure` that an entry is meant
    """

    def __init__(self, settings: Mapping[str, float], cautions: Cautions) -> None:
        self.settings = dict(settings)
        self.cautions = cautions
        self._rivals: dict[str, set[str]] = {}
        for group in cautions.careful:
            intents = {f"{FAQ}/{entry}" for entry in group}
            for intent in intents:
                self._rivals.setdefault(intent, set()).update(intents - {intent})

    def decide(self, match: Match) -> Decision:
        """Decide; wrong answers cost most, so the answer's own score and margin must hold."""
        limits = self.settings
        best = match.best
        both_lean = match.urgent >= limits["leaning"] and match.emergency >= limits["emergency"]
        if match.urgent >= limits["urgent"] or both_lean:
            situation = self._situation(match)
            if situation:
                rule = "gate" if match.urgent >= limits["urgent"] else "both lean"
                return Decision(URGENT_DECISION, situation, min(1.0, match.urgent), rule=rule)
        entries = [c for c in match.candidates if not c.intent.startswith(f"{URGENT}/")]
        if best.intent.startswith(f"{URGENT}/") or not entries:
            return self._choices(match, entries, "best is no entry")
        if "/" not in best.intent and best.intent != OUT_OF_SCOPE:
            least = limits["near"] if best.intent == NEAR_SCOPE else limits["dialogue"]
            if best.confidence >= least:
                return Decision(DIALOGUE, best.intent, best.confidence, rule="dialogue")
        second = entries[1].confidence if len(entries) > 1 else 0.0
        first = entries[0]
        # The more a question looks as if no entry answers it, the surer an answer must be.
        doubt = limits["doubt"] * max(0.0, match.outside)
        held_back = {
            "best is no entry": first.intent != best.intent,
            "not sure enough": first.confidence < limits["answer"],
            "may be outside": first.confidence < limits["answer"] + doubt,
            "second too near": first.confidence - second < limits["margin"],
            "careful": self._risk(match, first.intent) > limits["risk"],
        }
        rule = next((name for name, holds in held_back.items() if holds), "")
        if not rule:
            return Decision(ANSWER, first.intent, first.confidence, rule="clear")
        return self._choices(match, entries, rule)

    def with_parts(self, decision: Decision, parts: Sequence[Match]) -> Decision:
        """Let people choose when a sentence alone is surely about what makes the answer a wrong one."""
        if decision.kind != ANSWER:
            return decision
        others = [part.best.intent for part in parts if self._unsettles(part, decision.intent)]
        if not others:
            return decision
        shown = tuple(dict.fromkeys([decision.intent, *others]))[:MAX_CHOICES]
        return Decision(CHOICES, FALLBACK_INTENT, decision.confidence, shown, "one sentence")

    def _unsettles(self, part: Match, intent: str) -> bool:
        weighty = self.cautions.weighty
        return part.best.confidence >= self.settings["part"] and (
            part.best.intent in self._rivals.get(intent, ())
            or (part.best.intent in weighty and intent not in weighty)
        )

    def _situation(self, match: Match) -> str:
        """Return the situation that is happening, or "" when a known question only sounds like one."""
        limits, best = self.settings, match.best
        seen = match.emergency >= limits["hint"] or match.urgent >= limits["alone"]
        # What no entry answers stays an emergency: first steps for a broken washing machine hurt nobody.
        if seen or best.confidence < limits["sure"] or not best.intent.startswith(f"{FAQ}/"):
            return match.situation
        return self.cautions.emergencies.get(best.intent, "")

    def _risk(self, match: Match, intent: str) -> float:
        """Return how likely it is that an entry is meant for which this answer would hurt."""
        rivals = self._rivals.get(intent, ())
        pairs = zip(match.intents, match.probabilities, strict=True)
        return float(sum(probability for other, probability in pairs if other in rivals)) if rivals else 0.0

    def _choices(self, match: Match, entries: Sequence[Candidate], rule: str) -> Decision:
        limits = self.settings
        likely = [c for c in entries[:MAX_CHOICES] if c.confidence >= limits["choice"]]
        total = sum(c.confidence for c in likely)
        if likely and total >= limits["choices"] and match.outside < limits["outside"]:
            # One choice alone is no choice: the next best stands beside it.
            shown = likely if len(likely) > 1 else entries[:2]
            return Decision(CHOICES, FALLBACK_INTENT, total, tuple(c.intent for c in shown), rule)
        return Decision(UNKNOWN, FALLBACK_INTENT, match.best.confidence, rule=rule)
