"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig

from bot import placeholder


class Config(AppConfig):
    """See the package."""

    name = "staff.teach"
    label = "teach"

    def ready(self) -> None:
        """Keep TensorFlow out: spaCy, which finds the terms, would load all of it."""
        placeholder.install()
