"""`manage.py createtoken USERNAME --name NAME`: creates a token and prints its key, once."""

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from upstreams.contrib.tokens import tokens


class Command(BaseCommand):
    """Prints only the key."""

    help = (
        "Creates a token that lets a program act as a user, and prints its key, which cannot be shown again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument("--days", type=_days, help="until it expires; by default it never does")

    def handle(self, *, username: str, name: str, days: timedelta | None, **_: Any) -> str:
        model = get_user_model()
        user = model.objects.filter(**{model.USERNAME_FIELD: username}, is_active=True).first()
        if user is None:
            raise CommandError(f"{username}: there is no active user of this name; createsuperuser makes one")
        expires = None if days is None else timezone.now() + days
        try:
            return tokens.create(user, name, expires)
        except ValidationError as error:
            raise CommandError(f"--name: {' '.join(error.messages)}") from None


def _days(text: str) -> timedelta:
    if not (text.isdecimal() and 1 <= int(text) <= 36500):
        raise ArgumentTypeError("write a number from 1 to 36500")
    return timedelta(days=int(text))
