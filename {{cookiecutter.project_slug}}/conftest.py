"""Fixtures of all tests, besides those of the package: vendor/django-upstreams/docs/testing.md."""

import pytest
from asgiref.sync import sync_to_async
from upstreams.contrib.tokens import tokens

from users.models import User

pytest_plugins = ["upstreams.testing.database", "upstreams.testing.own_database", "upstreams.testing.strict"]


@pytest.fixture
async def token(async_db):
    """The key of a client that acts as the user ada."""
    user = await User.objects.acreate_user("ada")
    return await sync_to_async(tokens.create)(user, "a test")


@pytest.fixture
def bearer(token):
    """The headers of that client."""
    return {"Authorization": f"Bearer {token}"}
