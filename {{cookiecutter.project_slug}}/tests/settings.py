"""The service's own settings, in an environment that is the same on every machine."""

import os

os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only-for-tests-" * 5
os.environ["ALLOWED_HOSTS"] = "testserver"
os.environ["SECURE_SSL_REDIRECT"] = "false"
os.environ["CACHE_URL"] = ""
os.environ["EMAIL_URL"] = ""
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")

from config.settings import *
from config.settings import STORAGES

TASKS = {"default": {"BACKEND": "upstreams.testing.tasks.RecordingBackend"}}  # until `await tasks.run()`
UPSTREAMS_REQUIRED_DATABASES = []  # tests/test_process.py has a real one
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real ones are slow on purpose
