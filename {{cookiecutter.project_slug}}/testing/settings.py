"""The settings of tests and of type checks: those of the service, in an environment of their own."""

import os

os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only-for-tests-" * 5
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")
os.environ["ALLOWED_HOSTS"] = "testserver"
os.environ["SECURE_SSL_REDIRECT"] = "false"

from config import caches
from config.settings import *
from config.settings import DATABASES, STORAGES, TIMEOUTS

TIMEOUTS = {**TIMEOUTS, "LAG": 0}  # no load balancer has to notice anything
TASKS = {"default": {"BACKEND": "testing.tasks.Recorded"}}
CACHES = caches.at("")  # not the one that others use
REQUIRED_DATABASES = []  # tests look at databases in their own way
# Tests need no `collectstatic`.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real ones are slow on purpose

# What tests may reach besides 127.0.0.0/8.
TEST_HOSTS = {"", "localhost", "::1", "0.0.0.0", DATABASES["default"].get("HOST", "")}
