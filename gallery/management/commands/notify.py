from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gallery.contract import limits
from gallery.contract.errors import NotifyError
from gallery.contract.parse import parse_json
from gallery.ingest.python import notify


class Command(BaseCommand):
    help = """Push one event and print its receipt, e.g. notify item:update '{"itemId": "7", "status": "complete"}'."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", help="name of the event, such as batch:start")
        parser.add_argument("payload", metavar="json", help="its payload")
        parser.add_argument("--id", help="idempotency key: the same event with the same id is kept once")

    def handle(self, *args: Any, type: str, payload: str, id: str | None, **options: Any) -> None:
        try:
            receipt = notify(type, parse_json(payload, limits.BODY_BYTES), id=id)
        except NotifyError as error:
            raise CommandError(error.message) from error
        self.stdout.write(json.dumps(receipt.as_json()))
