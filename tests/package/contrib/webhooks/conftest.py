"""A service that receives webhooks of one source."""

from base64 import b64encode

import pytest

OLD, NEW = (f"whsec_{b64encode(key * 24).decode()}" for key in (b"o", b"n"))


@pytest.fixture
def sources(settings):
    settings.UPSTREAMS_WEBHOOKS = {"billing": {"SECRETS": [NEW, OLD]}}
    settings.ROOT_URLCONF = "contrib.webhooks.receiver"
