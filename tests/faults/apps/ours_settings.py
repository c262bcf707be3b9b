"""The generated project with two upstreams: one that is made to fail, and another one."""

import json
import os

import name_server
from config.settings import *

name_server.install()
ROOT_URLCONF = "ours_urls"
ALLOWED_HOSTS = ["*"]
UPSTREAMS |= {
    "faulty": {"BASE_URL": os.environ["FAULTY"], "ALLOW_HTTP": True, **json.loads(os.environ["KEYS"])},
    "other": {"BASE_URL": os.environ["OTHER"], "ALLOW_HTTP": True},
}
