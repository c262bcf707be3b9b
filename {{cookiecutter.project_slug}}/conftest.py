"""What every test may ask for, besides the kit in testing/."""

import pytest
from asgiref.sync import sync_to_async

from users import tokens
from users.models import User

pytest_plugins = ["testing.plugin", "testing.database", "testing.own_database"]


@pytest.fixture
async def token(async_db):
    """The key of a program that acts as the user ada."""
    user = await User.objects.acreate_user("ada")
    return await sync_to_async(tokens.create)(user, "a test")


@pytest.fixture
def bearer(token):
    """The headers that it sends."""
    return {"Authorization": f"Bearer {token}"}
