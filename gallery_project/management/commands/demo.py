from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from gallery_project.demo import launch


class Command(BaseCommand):
    """The demo for who asks Django; manage.py goes to it directly, before any settings are read."""

    help = launch.HELP
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        launch.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("port", "host", "data_dir", "speed", "seed")
        sys.exit(launch.run(**{name: options[name] for name in names}))
