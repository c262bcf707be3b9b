"""The generated project with two upstreams: one that is made to fail, and another one."""

import json
import os

import name_server
from config.settings import *

name_server.install()
SETTINGS = json.loads(os.environ["SETTINGS"])
CANARY = os.environ["CANARY"]

INSTALLED_APPS = [*INSTALLED_APPS, "ours_app.Faults"]
ROOT_URLCONF = "ours_urls"
ALLOWED_HOSTS = SETTINGS.get("ALLOWED_HOSTS", ["*"])
TIMEOUTS |= {"LAG": 0, **SETTINGS.get("TIMEOUTS", {})}
LIMITS |= SETTINGS.get("LIMITS", {})
FAST_PATH = os.environ["TARGET"] != "stock"
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
LIMITS["BODY_TIME"] = min(LIMITS["BODY_TIME"], 0.9 * TIMEOUTS["REQUEST"])
for definition in UPSTREAMS.values():
    definition["TOTAL"] = min(definition.get("TOTAL", 10), 0.9 * TIMEOUTS["REQUEST"])
    definition["ATTEMPT"] = min(definition.get("ATTEMPT", 3), definition["TOTAL"])
