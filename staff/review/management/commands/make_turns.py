"""`manage.py make_turns N`: invented conversations, for tests of speed."""

from __future__ import annotations

import random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from bot.understanding import CHOICES, UNKNOWN, URGENT
from staff.review.queues import SAMPLE
from staff.review.synthetic import Maker


class Command(BaseCommand):
    """See the module."""

    help = "Adds N invented turns of conversations, for tests of speed. Not in production."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number, the seed and which texts are kept."""
        parser.add_argument("number", type=int)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--transcripts", choices=("full", "needed", "none"), default="full")

    def handle(self, *_args: Any, number: int, seed: int, transcripts: str, **_options: Any) -> None:
        """Write them."""
        if settings.INSTALLATION.production:
            raise CommandError("Real people use this installation: nothing is invented here.")
        if number < 1:
            raise CommandError("Give a number of at least 1.")
        if "turns" not in connection.introspection.table_names():
            raise CommandError("The assistant has not made its tables yet: start it once (make run).")
        sample = random.Random(seed)  # noqa: S311 - draws a sample, keeps no secret

        def keep(decision: str) -> bool:
            if transcripts == "needed":
                return decision in (UNKNOWN, CHOICES, URGENT) or sample.random() < SAMPLE
            return transcripts == "full"

        Maker(seed, keep).write(number)
        self.stdout.write(f"{number} turns.")
