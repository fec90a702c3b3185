"""The WSGI application."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from staff import faults

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "staff.settings")

application = get_wsgi_application()
faults.listen()
