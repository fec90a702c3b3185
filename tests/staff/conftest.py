"""Django on a database of its own, with the assistant's tables as the assistant makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from bot.storage.database import Database
from staff.accounts.models import User
from staff.accounts.roles import Role

PASSWORD = "a long enough pass phrase"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Use a file: an SQLite in memory has no write-ahead log and no second connection."""
    from django.conf import settings

    path = tmp_path_factory.mktemp("staff") / "conoce.sqlite3"
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(path)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Make the assistant's tables beside Django's."""
    from django.db import connection

    with django_db_blocker.unblock():
        Database(f"sqlite:///{connection.settings_dict['NAME']}").close()


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    """Compile the Spanish, which is not kept."""
    from staff.translations import compile_all

    compile_all()


@cache
def _hashed() -> str:
    """Return the password as it is kept: making it anew for each person would take most of the time."""
    return make_password(PASSWORD)


def person(role: Role, email: str = "") -> User:
    """Return someone with a role, a password and a second factor."""
    user = User.objects.create_user(email or f"{role}@example.org", name=str(role), role=role)
    user.password = _hashed()
    user.save()
    TOTPDevice.objects.create(user=user, name="default", confirmed=True)
    return user


def signed_in(user: User) -> Client:
    """Return a browser in which the person has signed in with both factors."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=user).persistent_id
    session.save()
    return client


@pytest.fixture
def reviewer(db: None) -> Iterator[Client]:
    yield signed_in(person(Role.REVIEWER))


@pytest.fixture
def editor(db: None) -> Iterator[Client]:
    yield signed_in(person(Role.EDITOR))


@pytest.fixture
def administrator(db: None) -> Iterator[Client]:
    yield signed_in(person(Role.ADMINISTRATOR))


@pytest.fixture
def own_draft(settings: Any, tmp_path: Path) -> None:
    """Keep the draft of a test in a folder of its own; what is published is the real content."""
    settings.INSTALLATION = replace(settings.INSTALLATION, data=tmp_path)
