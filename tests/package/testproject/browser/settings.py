"""Settings of a service with a page that reads a stream of events."""

from testproject.settings import *
from testproject.settings import UPSTREAMS

ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "testproject.browser.urls"
UPSTREAMS["quotes"]["STREAM_IDLE_TIMEOUT"] = 30
