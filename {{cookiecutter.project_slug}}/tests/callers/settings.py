"""Settings of the processes that tests/test_callers.py starts."""

from testing.settings import *

ROOT_URLCONF = "tests.callers.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
# -X dev would have asyncio warn of slow machines.
LOGGING = LOGGING | {"loggers": {"asyncio": {"level": "ERROR"}}}
