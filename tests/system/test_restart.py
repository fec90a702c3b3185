"""A server that dies in the middle of a conversation."""

from __future__ import annotations

from pathlib import Path

from tests.system.conftest import installation_like, serving


def test_a_conversation_goes_on_after_a_crash(data: Path, tmp_path: Path) -> None:
    installation_like(data, tmp_path)
    with serving(tmp_path) as (server, process):
        assert (
            server.say("¿Cuándo debo renovar mi DACA?", "ana")[0]["conoce"]["faq_id"] == "daca_renewal_when"
        )
        phone = server.phone("+14155550190")
        first = phone.send("cuando renuevo mi daca", MessageSid="SM-before")
        process.kill()
        process.wait(20)
    with serving(tmp_path) as (server, _):
        assert server.say("¿y cuánto cuesta?", "ana")[0]["conoce"]["faq_id"] == "daca_fees_and_payment"
        # The carrier sends again what it got no answer to; a first contact is not greeted twice.
        phone = server.phone("+14155550190")
        assert phone.send("cuando renuevo mi daca", MessageSid="SM-before") == first
        assert len(phone.send("y cuanto cuesta").texts) == 1
