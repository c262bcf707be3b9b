"""Tokens: how a program proves whose it is. The database knows digests of them, so a copy of it lets nobody in."""

import re
import secrets
from datetime import datetime
from hashlib import sha256

from django.db.models import Q
from django.utils import timezone

from users.models import Token, User

PREFIX = "token_"  # by which people, and scanners of leaked secrets, know it
KEY = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


async def owner(key: str) -> User | None:
    """The active user whose token this is; None if it is nobody's, has expired, or is no token at all.

    Args:
        key: whatever a client sent.
    """
    if not KEY.fullmatch(key):
        return None
    holds = Q(expires=None) | Q(expires__gt=timezone.now())
    found = Token.objects.filter(holds, digest=digest(key), user__is_active=True)
    token = await found.select_related("user").afirst()
    return None if token is None else token.user


def create(user: User, name: str, expires: datetime | None = None) -> str:
    """The key of a new token, which nothing can tell again.

    Raises:
        ValidationError: of Django's, by field.
    """
    token = Token(user=user, name=name, expires=expires)
    key = given_key(token)
    token.full_clean()
    token.save()
    return key


def given_key(token: Token) -> str:
    """The key that an unsaved token has been given."""
    token.key = PREFIX + secrets.token_urlsafe(32)
    token.digest = digest(token.key)
    return token.key


def digest(key: str) -> str:
    # Not salted, nor slow on purpose: nobody guesses 256 random bits.
    return sha256(key.encode()).hexdigest()
