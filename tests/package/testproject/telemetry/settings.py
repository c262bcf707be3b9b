"""Settings of the processes that these tests start."""

from testproject.settings import *

ROOT_URLCONF = "testproject.telemetry.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
UPSTREAMS_TIMEOUTS |= {"LOOP_STALL_WARNING": 15}  # a machine with much else to do is no error of the service
