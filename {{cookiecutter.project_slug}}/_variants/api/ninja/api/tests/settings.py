"""Settings of the service that test_schema.py starts: all its upstreams are one."""

import os

from testing.settings import *

ALLOWED_HOSTS = ["127.0.0.1"]
UPSTREAMS = {alias: {**keys, "BASE_URL": os.environ["UPSTREAM_URL"]} for alias, keys in UPSTREAMS.items()}
