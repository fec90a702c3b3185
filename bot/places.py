"""Where an emergency happens, when the words say so: at the door, in the car, at work ...

"La migra está en mi puerta" and "la migra está en mi trabajo" are one word apart, and first steps for
the wrong place can hurt. So where agents and one place are named, and the model is not sure, the place
decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.content import URGENT
from bot.features import exact_form

#: From this probability on the situation stands, whatever place is named ("they took him from the car").
_SURE = 0.9


class Places:
    """Corrects a situation by the place that a text names (data/matching.yml, `places`)."""

    def __init__(self, agents: Sequence[str], places: Mapping[str, Sequence[str]]) -> None:
        self._agents = tuple(exact_form(word) for word in agents)
        self._places = {
            f"{URGENT}/{situation}": tuple(exact_form(word) for word in words)
            for situation, words in places.items()
        }

    def situation(self, text: str, guess: str, probability: float) -> str:
        """Return the urgent intent of a text that is urgent; `guess` is the model's."""
        if probability >= _SURE or guess not in self._places:
            return guess
        form = f" {exact_form(text)} "
        named = [place for place, words in self._places.items() if _has(form, words)]
        return named[0] if len(named) == 1 and _has(form, self._agents) else guess


def _has(form: str, words: Sequence[str]) -> bool:
    return any(f" {word} " in form for word in words)
