"""A service that receives webhooks and repeated requests, and that may be killed by them."""

import os

from testproject.settings import *

ROOT_URLCONF = "testproject.inbound.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
MIDDLEWARE = ["testproject.inbound.urls.die_after_the_view", *MIDDLEWARE]
TASKS = {
    "default": {"BACKEND": "upstreams.tasks.celery.backend.CeleryBackend", "OPTIONS": {"OUTBOX": True}}
    if "OUTBOX" in os.environ
    else {"BACKEND": "upstreams.tasks.database.backend.DatabaseBackend"}
}
if "OUTBOX" in os.environ:
    TASKS["default"]["OPTIONS"]["URL"] = "amqp://nowhere.test//"  # nothing is sent
UPSTREAMS_WEBHOOKS = {"billing": {"SECRETS": [f"whsec_{'k' * 32}"]}}
LOGGING = LOGGING | {"loggers": {"asyncio": {"level": "ERROR"}}}  # a machine with much else to do
