"""Settings of a service whose second upstream of three does not open; ON_STARTUP says how."""

import os

from testproject.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "testproject.failing.apps.FailingConfig"]
# The service's own would open after them.
UPSTREAMS = {
    "first": {"BASE_URL": "https://first.test"},
    "quotes": {
        "BASE_URL": "https://quotes.test",
        "STARTUP_TIMEOUT": os.environ.get("STARTUP_TIMEOUT", "0.2"),
    },
    "third": {"BASE_URL": "https://third.test"},
    **{alias: keys for alias, keys in UPSTREAMS.items() if alias != "quotes"},
}
