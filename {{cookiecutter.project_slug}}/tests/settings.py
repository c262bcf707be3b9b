"""The settings of this suite: those of the service, and an upstream and views of its own."""

import os

from testing.settings import *

ROOT_URLCONF = "tests.urls"
UPSTREAMS = UPSTREAMS | {
    "quotes": {
        "BASE_URL": os.environ.get("QUOTES_URL", "http://quotes.test/v1"),
        "ALLOW_HTTP": True,
        "TOTAL": os.environ.get("QUOTES_TOTAL", "4"),
        "MAX_CONNECTIONS": 20,
    }
}
