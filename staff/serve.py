"""Serves the staff app: `python -m staff.serve`. `conoce run` starts it beside the assistant."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from gunicorn.app.base import BaseApplication

from bot.settings import Settings, load_settings
from bot.storage.database import Database

#: With this argument the app ends when its standard input does, that is, with whoever started it.
WITH_PARENT = "--with-parent"


class Server(BaseApplication):
    """Gunicorn, set from our settings and not from files or arguments."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from Gunicorn's defaults (see parent class)."""
        options = {
            # Other machines come through a server with HTTPS on this one (docs/staff.md).
            "bind": f"127.0.0.1:{self._settings.staff_port}",
            "workers": 1,
            "threads": 4,
            "timeout": 60,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "conoce-staff",
            "control_socket_disable": True,
            "post_worker_init": _started,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application (see parent class)."""
        from staff.wsgi import application

        return application


def _started(_worker: Any) -> None:
    """Begin what runs beside the pages, once for each process that serves them."""
    from staff import hourly

    hourly.start()


def main() -> None:
    """Bring the tables up to date, then serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "staff.settings")
    settings = load_settings()
    # The assistant's own tables first: the app reads them.
    Database(settings.database_url).close()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    if WITH_PARENT in sys.argv:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    Server(settings).run()


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
