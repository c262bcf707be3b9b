"""The settings of a service on any supported Django: stock middleware, no fast path, no tasks."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent

DEBUG = False
SECRET_KEY = "only-for-tests-" * 5
ALLOWED_HOSTS = ["testserver"]

UPSTREAMS = {
    "quotes": {
        "BASE_URL": os.environ.get("QUOTES_URL", "http://quotes.test/v1"),
        "ALLOW_HTTP": True,
        "TIMEOUT": 4,
        "MAX_CONNECTIONS": 20,
    }
}
UPSTREAMS_TIMEOUTS = {"SHUTDOWN_DELAY": 0}
UPSTREAMS_LIMITS = {"MAX_BACKGROUND_TASKS": 100}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "upstreams",
    "testproject",
]
MIDDLEWARE = [
    "upstreams.asgi.problem_details.ProblemDetailsMiddleware",
    "upstreams.asgi.access_log.RouteMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "testproject.stock.urls"
ASGI_APPLICATION = "testproject.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
