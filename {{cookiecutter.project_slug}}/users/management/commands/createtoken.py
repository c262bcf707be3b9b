"""`manage.py createtoken USERNAME --name NAME`: makes a token for a program, and prints its key, once."""

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from users import tokens
from users.models import User


class Command(BaseCommand):
    """Prints nothing but the key."""

    help = "Makes a token that lets a program act as a user, and prints its key; nothing can tell it again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument(
            "--days", type=_days, help="until it expires; without, it holds until it is deleted"
        )

    def handle(self, *, username: str, name: str, days: timedelta | None, **_: Any) -> str:
        user = User.objects.filter(username=username, is_active=True).first()
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
