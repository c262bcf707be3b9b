"""Settings of the processes that these tests start."""

from tests.settings import *
from tests.settings import TIMEOUTS

ROOT_URLCONF = "tests.telemetry.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
TIMEOUTS |= {"BLOCKED": 15}  # a machine with much else to do is no error of the service
