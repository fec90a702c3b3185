"""Who may open what, and what no browser may be made to do."""

from __future__ import annotations

import os
import subprocess
import sys
from binascii import unhexlify
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from staff.accounts import second_factor as factors
from staff.accounts.models import User
from staff.accounts.roles import Role
from tests.staff.conftest import PASSWORD, person, signed_in
from tests.staff.test_accounts import LOGIN, SECOND, code_now, code_of, sign_in

pytestmark = pytest.mark.django_db

#: The least role that opens each address.
LEAST = {
    # leads to the first page
    "home": Role.REVIEWER,
    # before one is in: password, invitation; and out, and the language
    "accounts:login": Role.ANYONE,
    "accounts:logout": Role.ANYONE,
    "accounts:invitation": Role.ANYONE,
    "accounts:language": Role.ANYONE,
    # with the password only
    "accounts:second_factor": Role.REVIEWER,
    # one's own account
    "accounts:profile": Role.REVIEWER,
    "accounts:password": Role.REVIEWER,
    "accounts:backup_codes": Role.REVIEWER,
    # who works here, as what
    "accounts:people": Role.ADMINISTRATOR,
    "accounts:invite": Role.ADMINISTRATOR,
    "accounts:person": Role.ADMINISTRATOR,
    "accounts:new_link": Role.ADMINISTRATOR,
    "accounts:reset_second_factor": Role.ADMINISTRATOR,
    # who did what
    "audit:log": Role.ADMINISTRATOR,
    # conversations: the list, one of them, its text when masked, marks and notes
    "review:list": Role.REVIEWER,
    "review:conversation": Role.REVIEWER,
    "review:open_text": Role.REVIEWER,
    "review:care": Role.REVIEWER,
    # what needs someone; what becomes of it (a reviewer may not teach: test_review.py)
    "review:queues": Role.REVIEWER,
    "review:queue": Role.REVIEWER,
    "review:open_queue": Role.REVIEWER,
    "review:treat": Role.REVIEWER,
    # the answers, and one of them
    "teach:entries": Role.REVIEWER,
    "teach:entry": Role.REVIEWER,
    # what changes the draft, or looks at what is being written
    "teach:new": Role.EDITOR,
    "teach:example": Role.EDITOR,
    "teach:examples": Role.EDITOR,
    "teach:check": Role.EDITOR,
    "teach:approve": Role.EDITOR,
    "teach:discard": Role.EDITOR,
    # the draft, its check, publication, and back
    "publish:draft": Role.EDITOR,
    "publish:check": Role.EDITOR,
    "publish:progress": Role.EDITOR,
    "publish:publish": Role.EDITOR,
    "publish:roll_back": Role.EDITOR,
    # numbers; as a file only for whoever may publish
    "figures:dashboard": Role.REVIEWER,
    "figures:csv": Role.EDITOR,
    # how long things are kept, what was erased; one conversation as a file
    "figures:care": Role.ADMINISTRATOR,
    "figures:conversation_export": Role.ADMINISTRATOR,
}

#: An example for each kind of part of an address.
EXAMPLES = {
    "IntConverter": 999_999,
    "UUIDConverter": UUID(int=1),
    "StringConverter": "x",
    "SlugConverter": "x",
}

ROLES = [Role.REVIEWER, Role.EDITOR, Role.ADMINISTRATOR]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[None]:
    """Have the views write into a folder of the test."""
    with override_settings(INSTALLATION=replace(settings.INSTALLATION, data=tmp_path)):
        yield


def patterns(
    found: list[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern, dict[str, Any]]]:
    """Yield the name of every address, its pattern, and the parts it is made of."""
    for pattern in get_resolver().url_patterns if found is None else found:
        parts = pattern.pattern.converters
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            for name, inner, more in patterns(pattern.url_patterns, space):
                yield name, inner, {**parts, **more}
        else:
            yield f"{prefix}{pattern.name}", pattern, parts


def address(name: str) -> str:
    """Return an example of an address."""
    parts = next(parts for known, _, parts in patterns() if known == name)
    examples = {part: EXAMPLES.get(type(kind).__name__, "x") for part, kind in parts.items()}
    return reverse(name, kwargs=examples)


def test_the_table_is_complete() -> None:
    assert sorted(name for name, _, _ in patterns()) == sorted(LEAST)


def test_every_view_says_the_role_that_the_table_says() -> None:
    assert {name: getattr(pattern.callback, "role", None) for name, pattern, _ in patterns()} == LEAST


@pytest.mark.parametrize("name", LEAST)
def test_signed_out(name: str) -> None:
    path, client = address(name), Client()
    for response in (client.get(path), client.post(path)):
        if LEAST[name] is Role.ANYONE:
            assert response.status_code in (200, 302, 405)
        else:
            assert response.status_code == 302 and response.url.startswith(LOGIN)


@pytest.mark.parametrize("name", LEAST)
def test_with_the_password_only(name: str) -> None:
    user, client = person(Role.ADMINISTRATOR), Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    path = address(name)
    for response in (client.get(path), client.post(path)):
        if name == "accounts:second_factor":
            assert response.status_code == 200
        elif LEAST[name] is not Role.ANYONE:
            assert response.status_code == 302 and response.url == SECOND


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", LEAST)
def test_with_both_factors(name: str, role: Role) -> None:
    path, client = address(name), signed_in(person(role))
    if role.includes(LEAST[name]):
        response = client.get(path)
        # What an example is of may not be there; some addresses only take forms.
        assert response.status_code in (200, 302, 400, 404, 405)
        assert not response.headers.get("Location", "").startswith((LOGIN, SECOND + "?"))
    else:
        for response in (client.get(path), client.post(path)):
            assert response.status_code == 403
            assert "Your role does not open this page" in response.content.decode()


@pytest.mark.parametrize("name", LEAST)
def test_no_other_site_sends_a_form(name: str) -> None:
    """Without the token of the page, nothing that changes something is taken."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(person(Role.ADMINISTRATOR)).cookies
    for method in (client.post, client.put, client.patch, client.delete):
        response = method(address(name))
        assert response.status_code == 403
        assert "This form is too old" in response.content.decode()


@pytest.mark.parametrize("name", LEAST)
def test_headers_of_every_page(name: str) -> None:
    path = address(name)
    for client in (Client(), signed_in(person(Role.ADMINISTRATOR))):
        response = client.get(path)
        policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "no-store" in response["Cache-Control"]
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "There is no such page"), ("es", "Esta página no existe")],
)
def test_what_is_not_there(language: str, expected: str) -> None:
    response = Client(headers={"accept-language": language}).get("/nothing/here/")
    assert response.status_code == 404 and expected in response.content.decode()
    assert "no-store" in response["Cache-Control"] and "Content-Security-Policy" in response


@pytest.mark.parametrize(("language", "expected"), [("en", "Something went wrong"), ("es", "Algo salió mal")])
@override_settings(LOGIN_REDIRECT_URL="no:such-address")
def test_a_fault_shows_a_page_of_ours(language: str, expected: str) -> None:
    """A setting is wrong, so that the view really fails."""
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    response = client.post("/account/language/", {"language": language})
    assert response.status_code == 500 and expected in response.content.decode()
    assert "Content-Security-Policy" in response


# Sessions


def test_the_session_id_changes_with_each_factor() -> None:
    """An id planted in someone's browser is worth nothing once they have signed in."""
    user, client = person(Role.REVIEWER), Client()
    client.session.save()
    planted = client.session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    sign_in(client, user)
    after_password = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post(SECOND, {"code": code_of(user)})
    after_code = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert len({planted, after_password, after_code}) == 3
    for old in (planted, after_password):
        other = Client()
        other.cookies[settings.SESSION_COOKIE_NAME] = old
        assert other.get("/account/").url.startswith(LOGIN)


def test_setting_the_second_factor_up_changes_the_session_id_too() -> None:
    user, client = person(Role.REVIEWER), Client()
    factors.forget(user)
    sign_in(client, user)
    client.get(SECOND)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post(SECOND, {"code": code_now(unhexlify(client.session["second_factor_key"]))})
    assert factors.exists(user)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_cookies() -> None:
    user, client = person(Role.REVIEWER), Client()
    client.get(LOGIN)
    sign_in(client, user)
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
    for name in names:
        cookie = client.cookies[name]
        assert cookie["httponly"] and cookie["samesite"] == "Lax", name
    with override_settings(HTTPS=True):
        assert client.post("/account/language/", {"language": "es"}).cookies[names[-1]]["secure"]
    # The session ends with the browser, and eight hours after the sign-in at the latest.
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""
    assert client.session.get_expiry_age() <= 8 * 3600


def test_an_invented_second_factor_is_not_believed() -> None:
    """The device that a session names must be the person's own."""
    other = signed_in(person(Role.ADMINISTRATOR))
    user, client = person(Role.REVIEWER), Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["otp_device_id"] = other.session["otp_device_id"]
    session.save()
    assert client.get("/account/").url == SECOND


# Guessing


def test_the_sixth_wrong_password_locks() -> None:
    user, other = person(Role.REVIEWER), person(Role.EDITOR)
    spellings = (user.email, user.email.upper(), user.email.title(), user.email, user.email)
    for spelling in spellings:
        Client().post(LOGIN, {"username": spelling, "password": "wrong"})
    # Locked, even with the right one, however the address is written and from wherever.
    for spelling in (user.email, user.email.upper()):
        client = Client(headers={"x-forwarded-for": "203.0.113.9", "user-agent": "other"})
        response = client.post(LOGIN, {"username": spelling, "password": PASSWORD})
        assert response.status_code == 429
        assert "Locked for a while" in response.content.decode()
        assert client.get("/account/").url.startswith(LOGIN)
    # The others work on.
    assert sign_in(Client(), other).url == SECOND


def test_four_wrong_passwords_do_not_lock() -> None:
    user = person(Role.REVIEWER)
    for _ in range(4):
        assert sign_in(Client(), user, "wrong").status_code == 200
    assert sign_in(Client(), user).url == SECOND
    # The right one started the count again.
    assert sign_in(Client(), user, "wrong").status_code == 200
    assert sign_in(Client(), user).url == SECOND


# Being led away


@pytest.mark.parametrize(
    "elsewhere",
    [
        # another site
        "https://evil.example/",
        # the same without the scheme, and what browsers read as that
        "//evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "///evil.example",
        # a script
        "javascript:alert(1)",
        # our name as part of another's
        "http://testserver.evil.example/",
        "http://testserver@evil.example/",
    ],
)
def test_next_leads_only_to_our_own_addresses(elsewhere: str) -> None:
    user, client = person(Role.REVIEWER), Client()
    response = sign_in(client, user, next=elsewhere)
    assert response.url == SECOND
    response = client.post(SECOND, {"code": code_of(user), "next": elsewhere})
    assert response.url == "/"
    for path in (SECOND, LOGIN):
        assert client.get(path, {"next": elsewhere}).url in ("/", SECOND)
    assert client.post("/account/language/", {"language": "es", "next": elsewhere}).url == "/"
    assert client.post("/account/backup-codes/", {"next": elsewhere}).context["next"] == "/"
    assert client.post("/account/sign-out/", {"next": elsewhere}).url == LOGIN


def test_next_adds_no_header() -> None:
    data = {"language": "es", "next": "/\r\nLocation: https://evil.example/"}
    response = Client().post("/account/language/", data)
    assert response.headers["Location"] == "/%0D%0ALocation:%20https://evil.example/"


def test_next_leads_to_where_one_wanted_to_go() -> None:
    user, client = person(Role.REVIEWER), Client()
    wanted = "/account/password/?a=1&b=2"
    start = client.get(wanted).url
    second = client.post(start, {"username": user.email, "password": PASSWORD}).url
    assert second.startswith(SECOND)
    page = client.get(second)
    assert page.context["next"] == wanted
    assert client.post(second, {"code": code_of(user), "next": page.context["next"]}).url == wanted


def test_a_host_that_is_not_ours_is_refused() -> None:
    assert Client(headers={"host": "evil.example"}).get(LOGIN).status_code == 400


# The installation


def manage(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Django's command line as in production."""
    given = {
        "CONOCE_ENV": "production",
        "CONOCE_SECRET": "a-secret-of-a-test-0123456789-abcdefghijklmn",
        "CONOCE_PUBLIC_URL": "https://ask.example.org",
        "CONOCE_STAFF_URL": "https://staff.example.org",
        "CONOCE_OPERATOR": "Example",
        "CONOCE_DATA": str(tmp_path),
        **environment,
    }
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "VIRTUAL_ENV")}
    return subprocess.run(
        [sys.executable, "-m", "staff.manage", *arguments],
        env={**kept, **given},
        capture_output=True,
        text=True,
        timeout=120,
        cwd=settings.BASE_DIR.parent,
    )


def test_check_deploy_is_clean(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_nobody_is_there_to_begin_with() -> None:
    assert not User.objects.exists()
