"""The second factor: codes of an authenticator app, and ten backup codes for when it is lost."""

from __future__ import annotations

import secrets
import time
from base64 import b32encode
from binascii import unhexlify

import segno
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from staff.accounts.models import User

BACKUP_CODES = 10
#: Without the letters and digits that are taken for one another.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 10


def exists(user: User) -> bool:
    """Whether the person has set up an authenticator app."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def new_key() -> str:
    """Return a key for an authenticator app, in hexadecimal."""
    return str(random_hex(20))


def address(user: User, key: str) -> str:
    """Return what the authenticator app reads from the picture."""
    return str(TOTPDevice(user=user, key=key).config_url)


def readable(key: str) -> str:
    """Return the key as the authenticator app wants it typed, in groups of four."""
    letters = b32encode(unhexlify(key)).decode()
    return " ".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def picture(user: User, key: str) -> str:
    """Return a QR code of the key as the address of an image."""
    return segno.make(address(user, key), micro=False).svg_data_uri(scale=5, border=4, light="#fff")


def set_up(user: User, key: str, code: str) -> TOTPDevice | None:
    """Keep the key if the code shows that the authenticator app has it."""
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    if not code.isdecimal() or not totp.verify(int(code), tolerance=1):
        return None
    # The code just used is not accepted a second time.
    return TOTPDevice.objects.create(user=user, name="default", key=key, last_t=totp.t(), drift=totp.drift)


def accept(user: User, code: str) -> Device | None:
    """Return the device that the code is of: the app, or the backup codes, each good for once.

    After a wrong code the next is refused for a second, then two, then four (django_otp).
    """
    app = code.isdecimal() and len(code) == 6
    devices = TOTPDevice if app else StaticDevice
    token = code if app else _kept(user, code)
    with transaction.atomic():
        for device in devices.objects.select_for_update().filter(user=user, confirmed=True):
            if device.verify_token(token):
                return device
    return None


def make_backup_codes(user: User) -> list[str]:
    """Return new backup codes; the earlier ones are void."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(BACKUP_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="backup")
        StaticToken.objects.bulk_create(StaticToken(device=device, token=_kept(user, c)) for c in codes)
    return codes


def backup_codes_left(user: User) -> int:
    """Return how many backup codes are not used yet."""
    return StaticToken.objects.filter(device__user=user).count()


def forget(user: User) -> None:
    """Take the second factor away: the next thing the person does is to set up a new one."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


def _kept(user: User, code: str) -> str:
    """Return what is kept of a backup code: who reads the database cannot use it."""
    return salted_hmac("staff.accounts.backup_codes", f"{user.pk} {code}", algorithm="sha256").hexdigest()[
        :16
    ]
