"""Settings of the processes that tests/test_callers.py starts."""

from tests.settings import *

ROOT_URLCONF = "tests.callers.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
UPSTREAMS["quotes"]["KEEPALIVE"] = 60.0  # a slow machine must not look like a second connection
# -X dev would have asyncio warn of slow machines.
LOGGING = LOGGING | {"loggers": {"asyncio": {"level": "ERROR"}}}
