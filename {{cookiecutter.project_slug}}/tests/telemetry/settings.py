"""Settings of the processes that these tests start."""

from testing.settings import *

ROOT_URLCONF = "tests.telemetry.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
