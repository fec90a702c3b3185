"""Agents and one place: first steps for that place."""

from __future__ import annotations

import pytest

from bot.content import read_yaml
from bot.places import Places
from bot.settings import ROOT

SETTINGS = read_yaml(ROOT / "data" / "matching.yml")
PLACES = Places(SETTINGS["agents"], {k: v for k, v in SETTINGS["places"].items() if k != "__line__"})

#: the text, the model's situation and its probability, the situation.
ROWS = [
    # one word apart: the place decides
    ("la migra está en mi puerta ahora", "at_work", 0.68, "at_door"),
    ("LA MIGRA ESTA EN MI TRABAJO", "at_door", 0.5, "at_work"),
    ("ICE is at my door right now", "at_work", 0.1, "at_door"),
    ("hay agentes en la escuela", "at_door", 0.4, "at_school"),
    ("immigration is at my job", "in_street", 0.3, "at_work"),
    # two places: the model knows better
    ("la migra está en la puerta de mi trabajo", "at_work", 0.8, "at_work"),
    ("ice is by my car in front of my house", "in_car", 0.6, "in_car"),
    # no place
    ("la migra esta aqui", "at_work", 0.4, "at_work"),
    # nobody says that it is agents
    ("he is at my door and he has a knife", "in_street", 0.3, "in_street"),
    # the model is sure: "from the car" is not "in the car"
    ("la migra bajó a mi papá del carro y se lo llevó", "just_taken", 0.95, "just_taken"),
    ("agents stopped me when i left my house", "in_street", 0.92, "in_street"),
    # situations that are no place stay, however unsure
    ("my brother got picked up by ice at work and we dont know where", "just_taken", 0.1, "just_taken"),
    ("mi esposo me pega y dice que va a llamar a la migra a mi casa", "violence_home", 0.7, "violence_home"),
    ("la migra se llevó a mi mamá y los niños están solos en mi casa", "child_alone", 0.6, "child_alone"),
    # a part of a word is no word
    ("the police networked", "at_door", 0.3, "at_door"),
]


@pytest.mark.parametrize(("text", "guess", "probability", "situation"), ROWS)
def test_the_place_decides_when_the_model_is_not_sure(
    text: str, guess: str, probability: float, situation: str
) -> None:
    assert PLACES.situation(text, f"urgent/{guess}", probability) == f"urgent/{situation}"
