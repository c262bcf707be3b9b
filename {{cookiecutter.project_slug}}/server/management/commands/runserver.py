"""Stands before Django's own `runserver`, which has no lifespan."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Says what to run instead."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ignored", nargs="*")

    def handle(self, *_: Any, **__: Any) -> None:
        raise CommandError("runserver has no lifespan: run `make dev`, or `manage.py serve --reload`")
