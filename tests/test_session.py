"""Session tokens: only the server makes them, for one purpose and for a day."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import jwt
import pytest

from bot.channels.website.session import LIFETIME_SECONDS, SessionError, issue, verify

SECRET = "a secret for tests, long enough to sign with"
OTHER = "another secret for tests, long enough as well"
NOW = 1_795_000_000.0


def signed(secret: str = SECRET, **changes: object) -> str:
    claims: dict[str, object] = {"sid": "x", "iat": int(NOW), "aud": "conoce-website", **changes}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, "HS256")


def unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {"sid": "x", "iat": int(NOW), "aud": "conoce-website"})
    return ".".join(urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."


def test_a_token_gives_its_session_back_until_it_expires() -> None:
    token = issue(SECRET, NOW)
    assert verify(SECRET, token, NOW) == verify(SECRET, token, NOW + LIFETIME_SECONDS - 1)


def test_every_session_is_another_one_that_cannot_be_guessed() -> None:
    sessions = {verify(SECRET, issue(SECRET, NOW), NOW) for _ in range(1000)}
    assert len(sessions) == 1000
    assert min(map(len, sessions)) >= 32  # 24 random bytes in base 64


@pytest.mark.parametrize(
    ("token", "now"),
    [
        (issue(SECRET, NOW), NOW + LIFETIME_SECONDS),  # a day old
        (issue(SECRET, NOW), NOW - 3600),  # from the future: no clock is an hour wrong
        (issue(OTHER, NOW), NOW),  # signed with another key
        (signed(aud="something-else"), NOW),  # our key, another purpose
        (signed(aud=None), NOW),  # our key, no purpose
        (signed(sid=None), NOW),  # nobody's session
        (signed(iat=None), NOW),  # of no age
        (signed(iat="yesterday"), NOW),  # of an age that is no number
        (unsigned(), NOW),  # "alg": "none", the classic forgery
        (issue(SECRET, NOW)[:-2], NOW),  # cut short
        ("." + issue(SECRET, NOW), NOW),  # shifted
        ("0123456789abcdef", NOW),  # a client's own id
        ("", NOW),  # nothing
        ("ñ🙂", NOW),  # not ASCII
        ("\ud800", NOW),  # half a character
        ("." * 60_000, NOW),  # as long as an event may be
    ],
    ids=range(16),
)
def test_anything_else_is_refused(token: str, now: float) -> None:
    with pytest.raises(SessionError):
        verify(SECRET, token, now)


def test_a_clock_that_is_a_little_behind_is_forgiven() -> None:
    assert verify(SECRET, issue(SECRET, NOW), NOW - 30)
