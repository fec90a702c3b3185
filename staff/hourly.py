"""Counts finished days while the app runs, so that figures outlive the conversations behind them.

Without it only an open dashboard would count, and what nobody looked at in time would be purged
uncounted.
"""

from __future__ import annotations

import logging
import threading

logger = logging.getLogger(__name__)

AN_HOUR = 3600.0


def start(every: float = AN_HOUR) -> threading.Event:
    """Count now and every so many seconds, in a thread that ends with the process or the event."""
    ended = threading.Event()
    threading.Thread(target=_run, args=(every, ended), name="hourly", daemon=True).start()
    return ended


def _run(every: float, ended: threading.Event) -> None:
    from django.db import DatabaseError, close_old_connections

    from staff.figures import tally

    while True:
        try:
            tally.bring_up_to_date()
        except DatabaseError as error:
            logger.warning("figures are not counted (%s); again in %.0f s", type(error).__name__, every)
        finally:
            close_old_connections()
        if ended.wait(every):
            return
