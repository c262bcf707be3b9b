"""Creates and finds tokens. The database holds only their digests, so that nobody can log in with a copy of it."""

import re
import secrets
from datetime import datetime
from hashlib import sha256

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.utils import timezone

from upstreams.contrib.tokens.models import Token

PREFIX = "token_"  # so that people and scanners of leaked secrets recognise a key
KEY = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


async def owner(key: str) -> AbstractBaseUser | None:
    """Return the active user who owns a token, or None if it is unknown, has expired, or is not a token at all.

    Args:
        key: whatever a client sent.
    """
    if not KEY.fullmatch(key):
        return None
    is_valid = Q(expires=None) | Q(expires__gt=timezone.now())
    found = Token.objects.filter(is_valid, digest=digest(key), user__is_active=True)
    token = await found.select_related("user").afirst()
    return None if token is None else token.user


def create(user: AbstractBaseUser, name: str, expires: datetime | None = None) -> str:
    """Create a token and return its key, which cannot be shown again.

    Args:
        user: as whom its client acts.
        name: says what it is for; at most 100 characters.
        expires: None means never.

    Raises:
        ValidationError: Django's, by field.
    """
    token = Token(user=user, name=name, expires=expires)  # type: ignore[misc] # of AUTH_USER_MODEL
    key = set_key(token)
    token.full_clean()
    token.save()
    return key


def set_key(token: Token) -> str:
    """Give an unsaved token a new key, and return the key."""
    token.key = PREFIX + secrets.token_urlsafe(32)
    token.digest = digest(token.key)
    return token.key


def digest(key: str) -> str:
    """Return what the database stores of a key."""
    # Not salted and not slow on purpose: nobody can guess 256 random bits.
    return sha256(key.encode()).hexdigest()
