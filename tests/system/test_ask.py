"""`conoce ask`: one text after the other through the trained archive."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bot.settings import ROOT
from tests.system.conftest import CONOCE, ask, environment

#: (text, language of the reply, decision, what must be in the answer's id or the dialogue)
ROWS = [
    # The two questions of the README.
    ("¿Cuándo debo renovar mi DACA?", "es", "answer", "daca_renewal_when"),
    ("can ice come in my house", "en", "answer", "raids_ice_at_door"),
    # As people text.
    ("cuando renuevo mi daca", "es", "answer", "daca_renewal_when"),
    ("cuanto kuesta renovar el daca", "es", "answer", "daca_fees_and_payment"),
    ("what is a red card", "en", "answer", "ilrc_red_card"),
    ("can i vote if i have daca", "en", "answer", "general_voting"),
    ("me quieren hacer firmar unos papeles, los firmo?", "es", "answer", "rights_do_not_sign"),
    # What is happening now comes first.
    ("ICE is banging on my door right now", "en", "urgent", "urgent/at_door"),
    ("ya estan tocando la puerta los de la migra", "es", "urgent", "urgent/at_door"),
    ("me acaba de parar la migra en el carro", "es", "urgent", "urgent/in_car"),
    ("i want to kill myself", "en", "urgent", "urgent/self_harm"),
    ("mi esposo me esta pegando ahorita", "es", "urgent", "urgent/violence_home"),
    # Dialogue.
    ("hola", "es", "dialogue", "greet"),
    ("thank you so much", "en", "dialogue", "thanks"),
    ("quiero hablar con una persona", "es", "dialogue", "talk_to_person"),
    ("are you the government", "en", "dialogue", "are_you_government"),
    ("quién lee lo que escribo aquí", "es", "dialogue", "who_sees_this"),
    ("borrar", "es", "dialogue", "erase"),
    # Other languages are answered in themselves.
    ("preciso de ajuda com o meu advogado", "en", "dialogue", "other_language"),
    ("我需要移民律师的帮助", "en", "dialogue", "other_language"),
    # Nothing to do with it, and nothing at all.
    ("how do i bake bread", "en", "unknown", ""),
    ("", "en", "unknown", ""),
    ("👍👍👍", "en", "unknown", ""),
]


def test_each_text_is_answered_as_it_should(data: Path) -> None:
    answers = ask(data, "\n".join(text for text, *_ in ROWS).encode() + b"\n")
    assert len(answers) == len(ROWS)
    wrong = []
    for (text, language, decision, what), got in zip(ROWS, answers, strict=True):
        seen = (got["language"], got["decision"], got["faq_id"] or got["dialogue"] or "")
        if seen != (language, decision, what):
            wrong.append((text, seen))
        assert got["reply"], text
        assert all(reply.strip() for reply in got["reply"])
        assert len(got["candidates"]) >= 3 or not text or "👍" in text
    assert wrong == []


def test_bad_bytes_get_kind_replies(data: Path) -> None:
    lines = [
        b"   ",
        b"\x00\x01\x02",
        b"a" * 10_000,
        b"/restart",
        b'/greet{"language": "en"}',
        b"<script>alert(1)</script>",
        b"{{language}} {0}",
        "¿".encode() * 300,
        b"'; DROP TABLE events; --",
        b"\xff\xfe\xc3",
        b"\xed\xa0\x80",
    ]
    answers = ask(data, b"\n".join(lines))
    assert len(answers) == len(lines)
    assert all(answer["reply"] and answer["reply"][0] for answer in answers)


def test_a_conversation_is_followed(data: Path) -> None:
    lines = "¿cuánto cuesta renovar DACA?\n¿y si no tengo dinero?\nin english please\ngracias"
    cost, money, english, thanks = ask(data, lines.encode(), "--conversation")
    assert cost["faq_id"] == "daca_fees_and_payment"
    assert money["faq_id"] == "daca_paying_help"
    assert (english["dialogue"], english["language"]) == ("switch_to_english", "en")
    assert thanks["dialogue"] == "thanks"


def test_sms_is_short(data: Path) -> None:
    lines = "cuando renuevo mi daca\nICE is at my door right now"
    for answer in ask(data, lines.encode(), "--channel", "sms"):
        assert answer["decision"] in ("answer", "urgent")
        assert sum(map(len, answer["reply"])) <= 320


def test_why_a_text_is_understood_as_it_is(data: Path) -> None:
    done = subprocess.run(
        [*CONOCE, "ask", "--explain", "They took my cousin. ¿cuánto cuesta renovar el DACA?"],
        env=environment(data),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for start in ("language:  mixed", "decision:", "rule:", "gates:", "candidates:", "nearest examples"):
        assert any(line.startswith(start) for line in lines), start
    # What each signal adds is the whole score.
    added = [line.strip() for line in lines if ": use " in line]
    assert len(added) == 7
    for line in added:
        total, *shares = (float(number) for number in re.findall(r"[+-]\d\.\d\d", line))
        assert abs(total - sum(shares)) < 0.03, line
