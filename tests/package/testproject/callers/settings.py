"""Settings of the processes that clients/test_callers.py starts."""

from testproject.settings import *

ROOT_URLCONF = "testproject.callers.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
UPSTREAMS["quotes"]["POOL_IDLE_TIMEOUT"] = 60.0  # a slow machine must not look like a second connection
# -X dev would have asyncio warn of slow machines.
LOGGING = LOGGING | {"loggers": {"asyncio": {"level": "ERROR"}}}
