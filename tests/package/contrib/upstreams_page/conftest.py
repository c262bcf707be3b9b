from weakref import WeakKeyDictionary

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission, User
from django.test import Client
from testproject.quotes import quotes
from upstreams import UpstreamStatusError
from upstreams.contrib.upstreams_page import readings, watch
from upstreams.contrib.upstreams_page.counters import Samples
from upstreams.core import failed_calls


@pytest.fixture(autouse=True)
def nobody_has_looked(monkeypatch):
    """Neither samples nor failed calls of other tests."""
    monkeypatch.setattr(readings, "samples", Samples())
    monkeypatch.setattr(watch, "_watches", WeakKeyDictionary())
    monkeypatch.setattr(failed_calls, "kept", failed_calls.FailedCalls())


def session_of(*permissions, is_staff=True):
    """The session of the user ada, with these permissions."""
    user = User.objects.create_user("ada", is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.force_login(user)
    return browser.cookies["sessionid"].value


@pytest.fixture
async def log_in(aclient, async_db):
    """Logs the user ada in, with some permissions."""

    async def log_in(*permissions, **more):
        aclient.cookies["sessionid"] = await sync_to_async(session_of)(*permissions, **more)

    return log_in


@pytest.fixture
async def operator(log_in):
    """The user ada, who may look and press buttons, has logged in."""
    await log_in("view_upstream", "control_upstream")


@pytest.fixture
async def failed(upstream_mock):
    """A call that has failed by a status."""
    upstream_mock("quotes").get("by/a-name").json({"code": "a-secret"}, status=404)
    with pytest.raises(UpstreamStatusError):
        await quotes.get("by/{author}", author="a-name", params={"key": "a-secret"})
