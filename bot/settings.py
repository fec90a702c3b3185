"""Settings: from the environment or a `.env` file, checked once at the start.

Each setting is listed in docs/settings.md; a test compares the two.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent

ENVIRONMENTS = ("development", "production")
TRANSCRIPTS = ("full", "needed", "none")

#: Longest time that a redacted transcript may be kept, in days.
MAX_RETENTION_DAYS = 30

#: Shorter secrets can be guessed by trying (256 bits are 43 characters in base 64).
MIN_SECRET_LENGTH = 32


@dataclass(frozen=True)
class Settings:
    """What the environment says. Make one with `load_settings`."""

    env: str
    data: Path
    secret: str = field(repr=False)
    previous_secret: str | None = field(repr=False)
    public_url: str
    port: int
    staff_port: int
    operator: str
    transcripts: str
    retention_days: int
    database_url: str = field(repr=False)
    allow_drafts: bool
    twilio_auth_token: str = field(repr=False)
    segments_a_day: int
    sites: tuple[str, ...]
    exit_url: str
    content: Path
    staff_url: str
    staff_mask: bool
    staff_second_person: bool

    @property
    def production(self) -> bool:
        """Whether real people use this installation."""
        return self.env == "production"

    @property
    def models(self) -> Path:
        """The folder of trained archives."""
        return self.data / "models"

    @property
    def publications(self) -> Path:
        """The folder of what staff published (staff/publish)."""
        return self.data / "publications"

    @property
    def vectors(self) -> Path:
        """The file of remembered vectors (bot/encoder.py)."""
        return self.data / "vectors.npz"

    @property
    def fitted(self) -> Path:
        """The file of the last whole training (bot/fitted.py)."""
        return self.data / "fitted.npz"


#: Every setting that is read, with its default ("" means none).
DEFAULTS: Mapping[str, str] = {
    "CONOCE_ENV": "development",
    "CONOCE_DATA": "./var",
    "CONOCE_SECRET": "",
    "CONOCE_PREVIOUS_SECRET": "",
    "CONOCE_PUBLIC_URL": "",
    "CONOCE_PORT": "5005",
    "CONOCE_STAFF_PORT": "8000",
    "CONOCE_OPERATOR": "",
    "CONOCE_TRANSCRIPTS": "needed",
    "CONOCE_RETENTION_DAYS": "30",
    "CONOCE_ALLOW_DRAFTS": "",
    "CONOCE_SEGMENTS_A_DAY": "20000",
    "CONOCE_SITES": "",
    "CONOCE_EXIT_URL": "https://www.google.com/",
    "CONOCE_CONTENT": "./data",
    "CONOCE_STAFF_URL": "",
    "CONOCE_STAFF_MASK": "",
    "CONOCE_STAFF_SECOND_PERSON": "",
    "DATABASE_URL": "",
    "TWILIO_AUTH_TOKEN": "",
}


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises SettingsError that names the setting and what to do.
    """
    environ = _environment() if environ is None else environ
    values = {name: environ.get(name, "") or default for name, default in DEFAULTS.items()}
    env = _one_of(values, "CONOCE_ENV", ENVIRONMENTS)
    data = (ROOT / Path(values["CONOCE_DATA"]).expanduser()).resolve()
    staff_port = _number(values, "CONOCE_STAFF_PORT", 0, 65535)
    port = _number(values, "CONOCE_PORT", 1, 65535)
    production = env == "production"
    return Settings(
        env=env,
        data=data,
        secret=_secret(values["CONOCE_SECRET"], production, data),
        previous_secret=values["CONOCE_PREVIOUS_SECRET"] or None,
        public_url=_public_url(values["CONOCE_PUBLIC_URL"], production, port),
        port=port,
        staff_port=staff_port,
        operator=_operator(values["CONOCE_OPERATOR"], production),
        transcripts=_one_of(values, "CONOCE_TRANSCRIPTS", TRANSCRIPTS),
        retention_days=_number(values, "CONOCE_RETENTION_DAYS", 1, MAX_RETENTION_DAYS),
        database_url=values["DATABASE_URL"] or f"sqlite:///{data / 'conoce.sqlite3'}",
        allow_drafts=not production or _yes(values["CONOCE_ALLOW_DRAFTS"]),
        twilio_auth_token=values["TWILIO_AUTH_TOKEN"],
        segments_a_day=_number(values, "CONOCE_SEGMENTS_A_DAY", 0, 10_000_000),
        sites=_sites(values["CONOCE_SITES"], production),
        exit_url=_exit_url(values["CONOCE_EXIT_URL"]),
        content=content_folder(environ),
        staff_url=_staff_url(values["CONOCE_STAFF_URL"], staff_port),
        staff_mask=_yes(values["CONOCE_STAFF_MASK"]),
        staff_second_person=_yes(values["CONOCE_STAFF_SECOND_PERSON"]),
    )


def _yes(given: str) -> bool:
    return given.lower() in ("1", "yes", "true")


def _staff_url(given: str, port: int) -> str:
    if given and not given.startswith(("https://", "http://")):
        raise SettingsError("CONOCE_STAFF_URL must begin with https:// (or http:// for tests).")
    return given.rstrip("/") or f"http://localhost:{port}"


def content_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder of questions, answers and word lists; needs no other setting."""
    environ = _environment() if environ is None else environ
    given = environ.get("CONOCE_CONTENT", "") or DEFAULTS["CONOCE_CONTENT"]
    return (ROOT / Path(given).expanduser()).resolve()


def _environment() -> dict[str, str]:
    return {**_read_env_file(ROOT / ".env"), **os.environ}


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    values = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.strip().startswith("#"):
            values[name.strip()] = value.strip().strip("\"'")
    return values


def _one_of(values: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    if values[name] not in allowed:
        raise SettingsError(f"{name} is {values[name]!r}: set it to one of {', '.join(allowed)}.")
    return values[name]


def _number(values: Mapping[str, str], name: str, low: int, high: int) -> int:
    try:
        number = int(values[name])
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise SettingsError(f"{name} is {values[name]!r}: set it to a number from {low} to {high}.")
    return number


def _secret(given: str, production: bool, data: Path) -> str:
    if given:
        if len(given) < MIN_SECRET_LENGTH:
            raise SettingsError(
                f"CONOCE_SECRET is too short: give at least {MIN_SECRET_LENGTH} random characters, "
                "for example from: openssl rand -base64 48"
            )
        return given
    if production:
        raise SettingsError(
            "CONOCE_SECRET is missing: production does not start without it. "
            "Make one with: openssl rand -base64 48"
        )
    path = data / "secret"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _public_url(given: str, production: bool, port: int) -> str:
    if given:
        if not given.startswith(("https://", "http://")):
            raise SettingsError("CONOCE_PUBLIC_URL must begin with https:// (or http:// for tests).")
        return given.rstrip("/")
    if production:
        raise SettingsError(
            "CONOCE_PUBLIC_URL is missing: set it to the address that people open, "
            "for example https://ask.example.org"
        )
    return f"http://localhost:{port}"


def _operator(given: str, production: bool) -> str:
    if production and not given:
        raise SettingsError(
            "CONOCE_OPERATOR is missing: people are told who runs the assistant. "
            "Set it to your organization's name."
        )
    return given


def _sites(given: str, production: bool) -> tuple[str, ...]:
    """Return the origins (RFC 6454) of the sites that may show the widget."""
    sites = tuple(given.split())
    for site in sites:
        if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?", site):
            raise SettingsError(
                f"CONOCE_SITES has {site!r}: give origins like https://www.example.org, "
                "with spaces between them and nothing after the name."
            )
    return sites if production else (*sites, "http://localhost:*", "http://127.0.0.1:*")


def _exit_url(given: str) -> str:
    if not given.startswith("https://"):
        raise SettingsError("CONOCE_EXIT_URL must begin with https://: it is where quick exit leads.")
    return given
