"""Django's command line: `python -m staff.manage check --deploy`."""

from __future__ import annotations

import os
import sys

from django.core.management import call_command, execute_from_command_line
from django.core.management.base import CommandError

SETTINGS = "DJANGO_SETTINGS_MODULE"


def run(command: str, *arguments: str) -> int:
    """Run one command on up-to-date tables, for `conoce`; a failure is said in one line."""
    import django

    from bot.settings import load_settings
    from bot.storage.database import Database

    os.environ.setdefault(SETTINGS, "staff.settings")
    Database(load_settings().database_url).close()
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    try:
        call_command(command, *arguments)
    except CommandError as error:
        print(f"conoce: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    os.environ.setdefault(SETTINGS, "staff.settings")
    execute_from_command_line(sys.argv)
