"""Invited people sign in with two factors; an administrator decides who they are."""

from __future__ import annotations

import io
import re
import time
from base64 import b32decode
from html import unescape
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.accounts import invitations
from staff.accounts import second_factor as factors
from staff.accounts.models import User
from staff.accounts.roles import Role
from staff.audit.models import Event
from tests.staff.conftest import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db

LOGIN = "/account/sign-in/"
SECOND = "/account/second-factor/"
NEW_PASSWORD = "wet stones under the bridge"


def words(response: Any) -> str:
    return unescape(response.content.decode())


def sign_in(client: Client, user: User, password: str = PASSWORD, **data: str) -> Any:
    return client.post(LOGIN, {"username": user.email, "password": password, **data})


def code_now(key: bytes) -> str:
    totp = TOTP(key)
    totp.time = time.time()
    return f"{totp.token():06}"


def code_of(user: User) -> str:
    return code_now(TOTPDevice.objects.get(user=user).bin_key)


def link_in(text: str) -> str:
    """Return the invitation's path, as the installation's address is in front of it."""
    found = re.search(
        re.escape(settings.INSTALLATION.staff_url) + r"(/account/invitation/[\w-]+/[\w-]+/)", text
    )
    assert found
    return found[1]


def open_link(client: Client, path: str) -> Any:
    return client.get(path, follow=True)


def accept(client: Client, path: str) -> Any:
    """Open the link and set a password."""
    form = open_link(client, path).request["PATH_INFO"]
    return client.post(form, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})


def details(*actions: str) -> list[tuple[str, str]]:
    """Return what the log holds, the oldest first."""
    rows = Event.objects.filter(action__in=actions).order_by("id")
    return list(rows.values_list("subject", "detail"))


# Signing in


def test_password_then_code() -> None:
    user, client = person(Role.REVIEWER), Client()
    assert sign_in(client, user).url == SECOND
    # The password alone opens nothing.
    assert client.get("/account/").url == SECOND
    assert client.post(SECOND, {"code": code_of(user)}).url == "/"
    assert client.get("/account/").status_code == 200
    assert details("signed_in") == [("", "password"), ("", "code")]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        # wrong password
        ("reviewer@example.org", "not the pass phrase"),
        # nobody of this name
        ("nobody@example.org", PASSWORD),
        # deactivated
        ("gone@example.org", PASSWORD),
        # no password yet: an unusable one is not an empty one
        ("invited@example.org", ""),
        ("invited@example.org", "!"),
    ],
)
def test_who_does_not_get_in(email: str, password: str) -> None:
    person(Role.REVIEWER)
    gone = person(Role.EDITOR, "gone@example.org")
    gone.is_active = False
    gone.save()
    User.objects.create_user("invited@example.org")
    client = Client()
    assert client.post(LOGIN, {"username": email, "password": password}).status_code == 200
    assert client.get("/account/").url.startswith(LOGIN)


def test_letters_of_the_address_may_be_large_or_small() -> None:
    person(Role.REVIEWER)
    response = Client().post(LOGIN, {"username": "Reviewer@Example.org", "password": PASSWORD})
    assert response.url == SECOND


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("000000x", "neither six digits nor a backup code"),
        ("", "nothing"),
        ("²²²²²²", "digits that are none"),
        ("1" * 33, "too long"),
    ],
)
def test_a_wrong_code_opens_nothing(code: str, why: str) -> None:
    user, client = person(Role.REVIEWER), Client()
    sign_in(client, user)
    assert client.post(SECOND, {"code": code}).status_code == 200, why
    assert client.get("/account/").url == SECOND


def test_a_code_is_good_for_once() -> None:
    user, code = person(Role.REVIEWER), ""
    for expected in (302, 200):
        client = Client()
        sign_in(client, user)
        code = code or code_of(user)
        assert client.post(SECOND, {"code": code}).status_code == expected


def test_after_a_wrong_code_the_right_one_has_to_wait() -> None:
    user, client = person(Role.REVIEWER), Client()
    sign_in(client, user)
    right = code_of(user)
    wrong = "000001" if right == "000000" else "000000"
    for code in (wrong, right):
        assert client.post(SECOND, {"code": code}).status_code == 200


def test_another_persons_code_is_no_good() -> None:
    user, other, client = person(Role.REVIEWER), person(Role.EDITOR), Client()
    codes = factors.make_backup_codes(other)
    sign_in(client, user)
    for code in (code_of(other), codes[0]):
        assert client.post(SECOND, {"code": code}).status_code == 200


def test_signing_out_needs_a_form_and_ends_the_session(reviewer: Client) -> None:
    assert reviewer.get("/account/sign-out/").status_code == 405
    assert reviewer.post("/account/sign-out/").url == LOGIN
    assert reviewer.get("/account/").url.startswith(LOGIN)


def test_failed_sign_ins_are_kept_without_where_the_person_wanted_to_go() -> None:
    """The address may hold what somebody searched for."""
    user = person(Role.REVIEWER)
    where = "/conversations/list/?q=desalojo"
    Client().post(f"{LOGIN}?next={where}", {"username": user.email, "password": "wrong", "next": where})
    attempt = AccessAttempt.objects.get()
    kept = " ".join(str(value) for value in vars(attempt).values())
    assert "desalojo" not in kept and "wrong" not in kept


# Setting up the second factor


def without_second_factor() -> tuple[User, Client]:
    user, client = person(Role.EDITOR), Client()
    factors.forget(user)
    sign_in(client, user)
    return user, client


def key_on(page: str) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    return found[1]


def key_bytes(page: str) -> bytes:
    return b32decode(key_on(page).replace(" ", ""))


def test_set_up_shows_a_picture_and_the_key_then_backup_codes() -> None:
    user, client = without_second_factor()
    page = words(client.get(SECOND))
    assert re.search(r'<img src="data:image/svg\+xml[^"]+"', page)
    # The key stays the same while the person looks for the app.
    assert key_on(words(client.get(SECOND))) == key_on(page)
    assert not factors.exists(user)
    page = words(client.post(SECOND, {"code": code_now(key_bytes(page))}))
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", page)
    assert len(set(codes)) == 10
    assert client.get("/account/").status_code == 200
    # Each backup code lets in once, however it is spaced.
    for spelled, expected in ((codes[0].upper(), 302), (codes[0], 200)):
        other = Client()
        sign_in(other, user)
        assert other.post(SECOND, {"code": spelled}).status_code == expected
    assert factors.backup_codes_left(user) == 9


def test_the_picture_holds_the_key() -> None:
    user = person(Role.EDITOR)
    key = "00" * 20
    assert f"secret={'A' * 32}" in factors.address(user, key)
    assert "issuer=Conoce" in factors.address(user, key)


def test_a_wrong_first_code_sets_nothing_up() -> None:
    user, client = without_second_factor()
    key = key_bytes(words(client.get(SECOND)))
    wrong = f"{(int(code_now(key)) + 500_000) % 1_000_000:06}"
    assert client.post(SECOND, {"code": wrong}).status_code == 200
    assert not factors.exists(user)


def test_the_password_alone_does_not_show_or_replace_the_key() -> None:
    user, client = person(Role.EDITOR), Client()
    sign_in(client, user)
    before = TOTPDevice.objects.get(user=user).key
    page = words(client.get(SECOND))
    assert "<img" not in page
    client.post(SECOND, {"code": code_now(bytes(20))})
    assert TOTPDevice.objects.get(user=user).key == before


def test_another_browser_gets_another_key() -> None:
    user, client = without_second_factor()
    other = Client()
    sign_in(other, user)
    assert key_on(words(client.get(SECOND))) != key_on(words(other.get(SECOND)))


def test_backup_codes_are_not_kept_as_they_are() -> None:
    user = person(Role.EDITOR)
    codes = factors.make_backup_codes(user)
    assert not set(codes) & set(StaticToken.objects.values_list("token", flat=True))


def test_new_backup_codes_make_the_old_ones_void(editor: Client) -> None:
    user = User.objects.get()
    old = factors.make_backup_codes(user)
    page = words(editor.post("/account/backup-codes/", {"next": "/account/"}))
    new = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", page)
    assert factors.accept(user, old[0]) is None
    # django_otp makes the next try wait a second.
    time.sleep(1.1)
    assert factors.accept(user, new[0].replace("-", "")) is not None


# Invitations


def invite(administrator: Client, email: str = "new@example.org", role: str = "editor") -> str:
    response = administrator.post("/account/people/invite/", {"email": email, "name": "New", "role": role})
    return link_in(words(response))


def test_invited_person_sets_password_and_second_factor(administrator: Client) -> None:
    link = invite(administrator, "New@Example.org")
    user, client = User.objects.get(email="new@example.org"), Client()
    assert accept(client, link).url == SECOND
    page = words(client.get(SECOND))
    client.post(SECOND, {"code": code_now(key_bytes(page))})
    assert client.get("/account/").status_code == 200
    assert user.role == Role.EDITOR
    assert details("invited") == [("new@example.org", "editor")]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "fewer than twelve letters"),
        ("password1234", "among the most common"),
        ("new@example.org", "the person's own address"),
        ("482910573920", "digits only"),
    ],
)
def test_a_weak_password_is_refused(administrator: Client, password: str, why: str) -> None:
    client = Client()
    form = open_link(client, invite(administrator)).request["PATH_INFO"]
    response = client.post(form, {"new_password1": password, "new_password2": password})
    assert response.status_code == 200, why
    assert not User.objects.get(email="new@example.org").has_usable_password()


def make_void(what: str, administrator: Client, user: User, link: str) -> None:
    """Do something that makes an invitation void."""
    page = f"/account/people/{user.pk}/"
    match what:
        case "used":
            accept(Client(), link)
        case "another role":
            administrator.post(page, {"name": "New", "role": "administrator", "is_active": "on"})
        case "deactivated":
            administrator.post(page, {"name": "New", "role": "editor"})
        case "newer link":
            administrator.post(f"{page}link/")
        case "password set":
            user.set_password(NEW_PASSWORD)
            user.save()


@pytest.mark.parametrize("what", ["used", "another role", "deactivated", "newer link", "password set"])
def test_a_void_link_sets_no_password(administrator: Client, what: str) -> None:
    link = invite(administrator)
    user = User.objects.get(email="new@example.org")
    # The form was open before the link became void: it is of no use either.
    client = Client()
    form = open_link(client, link).request["PATH_INFO"]
    make_void(what, administrator, user, link)
    user.refresh_from_db()
    before = user.password
    assert "This link is no longer good" in words(open_link(Client(), link))
    data = {"new_password1": "another pass phrase", "new_password2": "another pass phrase"}
    assert "This link is no longer good" in words(client.post(form, data))
    user.refresh_from_db()
    assert user.password == before


@pytest.mark.parametrize(
    ("minutes", "good"),
    [
        # three days less a minute
        (3 * 24 * 60 - 1, True),
        # three days and a minute
        (3 * 24 * 60 + 1, False),
    ],
)
def test_a_link_is_good_for_three_days(minutes: int, good: bool) -> None:
    user = person(Role.EDITOR)
    made = invitations.tokens._num_seconds(invitations.tokens._now()) - 60 * minutes
    token = invitations.tokens._make_token_with_timestamp(user, made, settings.SECRET_KEY)
    assert invitations.tokens.check_token(user, token) is good


def test_a_link_is_of_one_person_only(administrator: Client) -> None:
    invite(administrator, "one@example.org")
    two = invite(administrator, "two@example.org")
    one = User.objects.get(email="one@example.org")
    mixed = "/".join([*link_in(invitations.new_link(one)).split("/")[:4], *two.split("/")[4:]])
    assert "This link is no longer good" in words(open_link(Client(), mixed))


def test_a_new_link_after_a_forgotten_password_still_asks_for_the_code(administrator: Client) -> None:
    user = person(Role.EDITOR)
    theirs = signed_in(user)
    link = link_in(words(administrator.post(f"/account/people/{user.pk}/link/")))
    client = Client()
    accept(client, link)
    assert client.get("/account/").url == SECOND
    assert "<img" not in words(client.get(SECOND))
    # Whoever was signed in by the old password is no longer.
    assert theirs.get("/account/").url.startswith(LOGIN)


def test_the_same_person_is_not_invited_twice(administrator: Client) -> None:
    invite(administrator)
    data = {"email": "NEW@example.org", "name": "", "role": "reviewer"}
    response = administrator.post("/account/people/invite/", data)
    assert "already here" in words(response)
    assert User.objects.filter(email__iexact="new@example.org").count() == 1


def test_nobody_is_invited_as_anyone(administrator: Client) -> None:
    data = {"email": "new@example.org", "name": "", "role": "anyone"}
    administrator.post("/account/people/invite/", data)
    assert not User.objects.filter(email="new@example.org").exists()


# People


def test_a_changed_role_counts_at_once(administrator: Client) -> None:
    user = person(Role.REVIEWER)
    client = signed_in(user)
    assert client.get("/account/people/").status_code == 403
    page = f"/account/people/{user.pk}/"
    administrator.post(page, {"name": "Ana", "role": "administrator", "is_active": "on"})
    assert "Ana" in words(client.get("/account/people/"))
    assert details("changed_person") == [(user.email, "name"), (user.email, "administrator")]


def test_who_is_deactivated_is_out_at_once(administrator: Client) -> None:
    user = person(Role.REVIEWER)
    client = signed_in(user)
    administrator.post(f"/account/people/{user.pk}/", {"name": "reviewer", "role": "reviewer"})
    assert client.get("/account/").url.startswith(LOGIN)
    assert details("changed_person") == [(user.email, "deactivated")]
    assert administrator.post(f"/account/people/{user.pk}/link/").status_code == 404


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"role": "editor", "is_active": "on"}, "another role"),
        ({"role": "administrator"}, "deactivated"),
    ],
)
def test_the_last_administrator_stays(administrator: Client, data: dict[str, str], why: str) -> None:
    user = User.objects.get()
    # Someone invited who has not set a password could not take over.
    invite(administrator, "second@example.org", "administrator")
    page = f"/account/people/{user.pk}/"
    assert "last administrator" in words(administrator.post(page, {"name": "", **data})), why
    user.refresh_from_db()
    assert user.may(Role.ADMINISTRATOR)
    # With another one who can, it is allowed.
    person(Role.ADMINISTRATOR, "third@example.org")
    assert administrator.post(page, {"name": "", **data}).status_code == 302


def test_a_reset_second_factor_is_set_up_anew(administrator: Client) -> None:
    user = person(Role.REVIEWER)
    old, client = factors.make_backup_codes(user), signed_in(user)
    administrator.post(f"/account/people/{user.pk}/second-factor/")
    assert client.get("/account/").url == SECOND
    assert "<img" in words(client.get(SECOND))
    assert factors.accept(user, old[0]) is None


def test_names_are_shown_as_text(administrator: Client) -> None:
    name = "<script>alert(1)</script>"
    administrator.post("/account/people/invite/", {"email": "x@example.org", "name": name, "role": "editor"})
    user = User.objects.get(email="x@example.org")
    for page in ("/account/people/", f"/account/people/{user.pk}/", "/log/"):
        assert "<script>alert" not in administrator.get(page).content.decode()


# One's own account


def test_a_new_password_signs_other_browsers_out() -> None:
    user = person(Role.EDITOR)
    here, there = signed_in(user), signed_in(user)
    data = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert here.post("/account/password/", {**data, "old_password": "wrong"}).status_code == 200
    assert here.post("/account/password/", data).url == "/account/"
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").url.startswith(LOGIN)


def test_nobody_gives_themselves_a_role(reviewer: Client) -> None:
    reviewer.post("/account/", {"name": "Ana", "language": "es", "role": "administrator", "email": "a@b.org"})
    user = User.objects.get()
    assert (user.name, user.role, user.email) == ("Ana", "reviewer", "reviewer@example.org")


def test_the_language_is_the_persons_own() -> None:
    user, client = person(Role.EDITOR), Client()
    # Signed out, by the button.
    assert "Sign in" in words(client.get(LOGIN))
    assert client.post("/account/language/", {"language": "es", "next": LOGIN}).url == LOGIN
    assert "Correo electrónico" in words(client.get(LOGIN))
    # Signed in, as they chose earlier, also in another browser.
    sign_in(client, user)
    assert '<html lang="en">' in words(client.get(SECOND))
    client.post(SECOND, {"code": code_of(user)})
    client.post("/account/", {"name": "", "language": "es"})
    other = Client()
    sign_in(other, user)
    assert '<html lang="es">' in words(other.get(SECOND))


def test_an_unknown_language_changes_nothing(reviewer: Client) -> None:
    response = reviewer.post("/account/language/", {"language": "<x>", "next": "/account/"})
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies
    assert User.objects.get().language == "en"


def test_who_accepts_in_spanish_goes_on_in_spanish(administrator: Client) -> None:
    client = Client(headers={"accept-language": "es-MX"})
    accept(client, invite(administrator))
    assert User.objects.get(email="new@example.org").language == "es"
    assert '<html lang="es">' in words(client.get(SECOND))


# The first administrator


def first_administrator(email: str, *options: str) -> str:
    out = io.StringIO()
    call_command("first_administrator", email, *options, stdout=out)
    return link_in(out.getvalue())


def test_the_command_makes_the_first_administrator() -> None:
    # Asked twice before the link is used, it makes a new link for the same person.
    old = first_administrator("Boss@example.org")
    link = first_administrator("boss@example.org")
    assert "no longer good" in words(open_link(Client(), old))
    accept(Client(), link)
    user = User.objects.get()
    assert user.may(Role.ADMINISTRATOR) and user.check_password(NEW_PASSWORD)
    # No password is there to begin with, and once there is one, no second first administrator.
    with pytest.raises(CommandError):
        first_administrator("boss@example.org")
    with pytest.raises(CommandError):
        first_administrator("other@example.org")
    assert User.objects.count() == 1


def test_lost_access_is_given_again() -> None:
    user = person(Role.ADMINISTRATOR)
    user.is_active = False
    user.save()
    person(Role.ADMINISTRATOR, "lost@example.org")
    client = Client()
    accept(client, first_administrator(user.email, "--again"))
    assert "<img" in words(client.get(SECOND))
    assert details("invited") == [(user.email, "command")]


def test_the_command_wants_an_address() -> None:
    with pytest.raises(CommandError):
        first_administrator("boss")
    assert not User.objects.exists()


def test_every_page_has_a_title_and_a_heading_in_both_languages(administrator: Client) -> None:
    user = User.objects.get()
    pages = [
        LOGIN,
        "/account/",
        "/account/password/",
        "/account/people/",
        "/account/people/invite/",
        reverse("accounts:person", args=(user.pk,)),
        "/log/",
    ]
    for page in pages:
        client = Client() if page == LOGIN else administrator
        titles = set()
        for language in ("en", "es"):
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            text = words(client.get(page))
            assert f'<html lang="{language}">' in text
            found = re.search(r"<title>(.+) · Conoce</title>", text)
            heading = re.search(r"<h1>(.+)</h1>", text)
            assert found and heading, page
            titles.add(found[1])
        # A person's page has the person's name.
        assert len(titles) == (1 if str(user) in titles else 2), page
