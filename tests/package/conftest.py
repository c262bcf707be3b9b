"""What every test of the package may ask for, besides its own kit."""

import signal

import pytest
from asgiref.sync import sync_to_async

pytest_plugins = ["upstreams.testing.database", "upstreams.testing.own_database", "upstreams.testing.strict"]


def pytest_configure():
    # A handler, unlike being ignored, is not inherited: under nohup, what tests start still ends by a hang-up.
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture
async def token(async_db):
    """The key of a program that acts as the user ada."""
    from django.contrib.auth.models import User
    from upstreams.contrib.tokens import tokens

    user = await User.objects.acreate_user("ada")
    return await sync_to_async(tokens.create)(user, "a test")


@pytest.fixture
def bearer(token):
    """The headers that it sends."""
    return {"Authorization": f"Bearer {token}"}
