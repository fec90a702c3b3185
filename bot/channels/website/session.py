"""Session ids that only the server can make.

Stock Rasa lets the client choose its session id, so whoever knows an id reads along
(docs/decisions/004-own-channels.md, A9). Here a session is a random id inside a signed token: a JSON Web
Token (RFC 7519) with HMAC-SHA-256, which PyJWT compares in constant time.
"""

from __future__ import annotations

import secrets

import jwt

from bot.errors import ConoceError

LIFETIME_SECONDS = 24 * 60 * 60

#: Clocks of two servers behind one balancer may differ by this much.
CLOCK_SKEW_SECONDS = 60

_ALGORITHM = "HS256"

#: A token that the same secret signed for another purpose is none of ours.
_AUDIENCE = "conoce-website"


class SessionError(ConoceError):
    """A session token is forged, damaged or too old: ask for a new one."""


def issue(secret: str, now: float) -> str:
    """Return the token of a new session."""
    claims = {"sid": secrets.token_urlsafe(24), "iat": int(now), "aud": _AUDIENCE}
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def verify(secret: str, token: str, now: float) -> str:
    """Return the session id of a token.

    Raises SessionError unless this secret signed it within the last 24 hours.
    """
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            # The age is checked below, against the caller's clock.
            options={"require": ["sid", "iat", "aud"], "verify_iat": False},
        )
        session, age = str(claims["sid"]), now - float(claims["iat"])
    # ValueError: a token with half a character (a lone surrogate) cannot even be decoded.
    except (jwt.PyJWTError, ValueError, TypeError):
        raise SessionError("The session token is not ours: ask for a new session.") from None
    if not -CLOCK_SKEW_SECONDS <= age < LIFETIME_SECONDS:
        raise SessionError("The session token is too old: ask for a new session.")
    return session
