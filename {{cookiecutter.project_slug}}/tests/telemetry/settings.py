"""Settings of the processes that these tests start."""

from tests.settings import *

ROOT_URLCONF = "tests.telemetry.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
