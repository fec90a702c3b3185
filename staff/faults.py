"""What is logged when a page fails: what kind of fault and where in the code, never with which values.

Django's own log would hold addresses and, in development, what was in variables.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

from django.core.signals import got_request_exception

logger = logging.getLogger(__name__)


def note(request: Any = None, **_signal: Any) -> None:
    """Log the fault that is being handled (receiver of `got_request_exception`)."""
    kind, _, trace = sys.exc_info()
    if kind is None:
        return
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = f"{own[-1].filename.rpartition('/')[2]}:{own[-1].lineno}" if own else "somewhere"
    match = getattr(request, "resolver_match", None)
    logger.error("%s at %s in the page %s", kind.__name__, place, match.view_name if match else "?")


def listen() -> None:
    """Log the faults of this process from now on."""
    got_request_exception.connect(note, dispatch_uid="staff.faults")
