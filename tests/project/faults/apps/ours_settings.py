"""The generated project with two upstreams: one that is made to fail, and another one."""

import json
import os

import name_server
from project_settings import *

name_server.install()
SETTINGS = json.loads(os.environ["SETTINGS"])
CANARY = os.environ["CANARY"]

INSTALLED_APPS = [*INSTALLED_APPS, "ours_app.Faults"]
UPSTREAMS_WEBHOOKS = {"billing": {"SECRETS": [os.environ.get("WEBHOOK_SECRET", f"whsec_{'k' * 32}")]}}
ROOT_URLCONF = "ours_urls"
ALLOWED_HOSTS = SETTINGS.get("ALLOWED_HOSTS", ["*"])
# A project whose settings lack one of these has the defaults.
UPSTREAMS_TIMEOUTS = {
    **globals().get("UPSTREAMS_TIMEOUTS", {}),
    "SHUTDOWN_DELAY": 0,
    **SETTINGS.get("UPSTREAMS_TIMEOUTS", {}),
}
UPSTREAMS_LIMITS = {**globals().get("UPSTREAMS_LIMITS", {}), **SETTINGS.get("UPSTREAMS_LIMITS", {})}
UPSTREAMS_FAST_PATH = os.environ["TARGET"] != "stock"
UPSTREAMS |= {
    "faulty": {
        "BASE_URL": os.environ["FAULTY"],
        "ALLOW_HTTP": True,
        "HEADERS": {"X-Api-Key": CANARY},
        **json.loads(os.environ["KEYS"]),
    },
    "other": {"BASE_URL": os.environ["OTHER"], "ALLOW_HTTP": True, "AUTH": {"BEARER": CANARY}},
}
# A body, an attempt and a call fit into the request that they are made for: the system checks insist.
longest = 0.9 * UPSTREAMS_TIMEOUTS.get("REQUEST", 15)
UPSTREAMS_LIMITS["BODY_TIMEOUT"] = min(UPSTREAMS_LIMITS.get("BODY_TIMEOUT", 10), longest)
for definition in UPSTREAMS.values():
    definition["TIMEOUT"] = min(definition.get("TIMEOUT", 10), longest)
    definition["ATTEMPT_TIMEOUT"] = min(definition.get("ATTEMPT_TIMEOUT", 3), definition["TIMEOUT"])
