"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class Config(AppConfig):
    """See the package."""

    name = "staff.publish"
    label = "publish"
