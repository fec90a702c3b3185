"""The dashboard opens within a second, on SQLite and on PostgreSQL, however many turns there are.

Each database is measured in a process of its own (`python -m tests.staff.test_figures_speed`).
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from bot import placeholder
from bot.settings import ROOT

#: `make soak` asks for more than 1: then the whole million is written.
TURNS = 20_000 if float(os.environ.get("CONOCE_SOAK") or 1) <= 1 else 1_000_000

#: The 95th percentile, in seconds.
BOUND = 1.0

#: So often the page is opened.
OPENED = 21

_DAYS = 30
_COLUMNS = (
    "conversation, timestamp, channel, language, detected, decision, intent, confidence, candidates, "
    "text, redacted, feedback, took"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'conoce.sqlite3'}"
        return
    pgserver = pytest.importorskip("pgserver")
    # Not under pytest's folder: each run of pytest closes that one to the server's own user.
    with tempfile.TemporaryDirectory(prefix="conoce-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def test_the_dashboard_opens_within_a_second(url: str, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": url, "CONOCE_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.staff.test_figures_speed", str(TURNS)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    print(found)
    assert found["turns"] == TURNS + OPENED, "the page does not count every turn"
    assert found["p95"] <= BOUND, found


def turns(number: int, now: float, seed: int = 8) -> Iterator[tuple[Any, ...]]:
    """Yield rows as a busy month leaves them: a few answers often, many seldom."""
    from staff.figures.entries import heads

    chance = random.Random(seed)
    intents = sorted(intent for intent in heads() if intent.startswith("faq/"))
    often = [1 / (place + 1) for place in range(len(intents))]
    answers = chance.choices(intents, often, k=10_000)
    decisions = chance.choices(
        ("answer", "urgent", "choices", "unknown", "dialogue"), (70, 3, 8, 7, 12), k=9973
    )
    channels = chance.choices(("website", "sms", "whatsapp"), (6, 3, 1), k=997)
    for place in range(number):
        decision = decisions[place % len(decisions)]
        channel = channels[place // 4 % len(channels)]
        intent = {"answer": answers[place % len(answers)], "urgent": "urgent/at_door", "dialogue": "greet"}
        yield (
            f"{place // 4 * 2654435761 % 2**64:064x}",
            now - (number - 1 - place) * _DAYS * 86_400 / number,
            channel,
            "es" if place // 4 % 3 else "en",
            "es",
            decision,
            intent.get(decision, "nlu_fallback"),
            0.8,
            "[]",
            "me pueden decir que hago" if decision == "unknown" else None,
            "",
            chance.choice(("helped", "not_helped", "wrong")) if place % 20 == 0 else None,
            chance.expovariate(12),
        )


def insert(rows: Iterator[tuple[Any, ...]]) -> None:
    """Write rows the fastest way that the database has."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join("?" * 13)
            cursor.connection.executemany(f"INSERT INTO turns ({_COLUMNS}) VALUES ({marks})", rows)
            return
        while some := list(islice(rows, 50_000)):
            file = io.StringIO()
            csv.writer(file).writerows(some)
            file.seek(0)
            # Text that is not kept is NULL, "redacted" is an empty text.
            copy = f"COPY turns ({_COLUMNS}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (redacted))"
            cursor.cursor.copy_expert(copy, file)
        # As PostgreSQL does by itself, only not at once.
        cursor.execute("ANALYZE turns")


def measure(number: int) -> dict[str, float]:
    """Fill the database and open the page again and again, with something new each time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "staff.settings")
    import django

    from bot.settings import load_settings
    from bot.storage.database import Database

    Database(load_settings().database_url).close()
    django.setup()
    from django.core.management import call_command
    from django.db.models import Sum
    from django.test import Client
    from django.urls import reverse

    call_command("migrate", verbosity=0, interactive=False)
    from staff.accounts.roles import Role
    from staff.figures.models import Count, Day
    from tests.staff.conftest import person, signed_in

    insert(turns(number, time.time()))
    client: Client = signed_in(person(Role.REVIEWER))
    address = reverse("figures:dashboard")

    def opened(days: int) -> float:
        begun = time.perf_counter()
        assert client.get(address, {"days": days}, HTTP_HOST="localhost").status_code == 200
        return time.perf_counter() - begun

    first = opened(30)
    times = []
    for place in range(OPENED):
        insert(turns(1, time.time()))
        Day.objects.filter(final=False).update(counted=0)
        times.append(opened((7, 30, 90)[place % 3]))
    counted = Count.objects.aggregate(n=Sum("turns"))["n"]
    ranked = sorted(times)
    return {"turns": counted, "first": first, "median": ranked[OPENED // 2], "p95": ranked[-2]}


if __name__ == "__main__":
    placeholder.install()
    print(json.dumps(measure(int(sys.argv[1]))))
