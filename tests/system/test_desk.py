"""The desk of text messages over the trained archive, when something is slow, broken or full."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from bot.agent import ConoceAgent
from bot.archive import latest_archive
from bot.embedded import EmbeddedActions
from bot.errors import StorageError
from bot.phones.desk import Incoming, PhoneDesk
from bot.phones.habits import load_habits
from bot.segments import segments_of
from bot.settings import load_settings
from bot.storage.phones import PhoneBook
from tests.system.conftest import installation_like

HABITS = load_habits()


@pytest.fixture(scope="module")
def agent(data: Path, tmp_path_factory: pytest.TempPathFactory) -> ConoceAgent:
    folder = installation_like(data, tmp_path_factory.mktemp("desk"))
    settings = replace(load_settings({"CONOCE_DATA": str(folder)}), transcripts="full")
    agent = ConoceAgent(settings, action_endpoint=EmbeddedActions())
    agent.load_archive(latest_archive(settings))
    return agent


def desk(agent: ConoceAgent, **options: Any) -> PhoneDesk:
    return PhoneDesk(agent, PhoneBook(agent.tracker_store.database), HABITS, **options)


def message(number: str, text: str, id_: str = "", **fields: str) -> Incoming:
    return Incoming(id_, f"+1415555{number}", "sms", text, **fields)


async def test_a_slow_answer_comes_with_the_next_message(
    agent: ConoceAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = agent.handle_message

    async def slowly(message: UserMessage) -> Any:
        await asyncio.sleep(0.3)
        return await handle(message)

    monkeypatch.setattr(agent, "handle_message", slowly)
    impatient = desk(agent, patience=0.1)
    said = await impatient.receive(message("0200", "cuando renuevo mi daca"))
    assert "Un momento" in said[-1]
    await asyncio.sleep(1.5)
    said = await impatient.receive(message("0200", "ok"))
    assert len(said) == 1
    assert "150" in said[0]


async def test_a_broken_model_gets_first_steps(agent: ConoceAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_message: object) -> None:
        raise RuntimeError("a secret text")

    monkeypatch.setattr(agent, "handle_message", fail)
    said = await desk(agent).receive(message("0201", "can ice come in"))
    # Nobody knows yet in which language: both.
    assert "stay silent" in said[0] and "guarde silencio" in said[0]


async def test_a_locked_database_gets_first_steps(
    agent: ConoceAgent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked() -> None:
        raise StorageError("The database does not answer (locked).")

    monkeypatch.setattr(agent.tracker_store.database, "transaction", locked)
    said = await desk(agent).receive(message("0202", "can ice come in"))
    assert said
    assert "911" in said[0]
    assert "0202" not in caplog.text


async def test_commands_need_no_model(agent: ConoceAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "handle_message", lambda _: pytest.fail("the model was asked"))
    phone = desk(agent)
    assert "911" in (await phone.receive(message("0203", "EMERGENCIA")))[0]
    assert "borr" in (await phone.receive(message("0203", "BORRAR")))[0]


async def test_above_the_ceiling_of_a_day_first_steps_still_come(agent: ConoceAgent) -> None:
    full = desk(agent, ceiling=1)
    book = PhoneBook(agent.tracker_store.database)
    book.close("somebody", "delivery", ["x"], 5)
    ordinary = await full.receive(message("0204", "what is daca"))
    assert "later" in ordinary[0]
    assert await full.receive(message("0204", "what is daca")) == []
    urgent = await full.receive(message("0204", "ice is at my door"))
    assert [segments_of(text) for text in urgent] == [1]


async def test_a_repeat_after_ten_minutes_is_met_with_silence(
    agent: ConoceAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = desk(agent)
    first = await phone.receive(message("0205", "what is daca", "SM1"))
    assert await phone.receive(message("0205", "what is daca", "SM1")) == first
    monkeypatch.setattr("bot.phones.desk.REPEAT_SECONDS", -1)
    assert await phone.receive(message("0205", "what is daca", "SM1")) == []


async def test_the_answer_in_an_emergency_comes_before_the_warnings(agent: ConoceAgent) -> None:
    said = await desk(agent).receive(message("0206", "la migra esta tocando mi puerta"))
    assert said[0].startswith("No abra")
    assert "No escriba nombres" in said[1]
