"""The settings of a small service that has everything on, for the tests of the package."""

import os
from pathlib import Path

from django.utils.csp import CSP
from upstreams.environ import Env
from upstreams.environ.caches import caches_from_url
from upstreams.telemetry.logging import logging_config

os.environ["ENV_FILE"] = os.environ.get("TEST_ENV_FILE", os.devnull)
os.environ.setdefault("SECRET_KEY", "only-for-tests-" * 5)
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env.read()

DEBUG = env.debug
SECRET_KEY = env.secret_key
ALLOWED_HOSTS = env.allowed_hosts or ["testserver"]
CSRF_TRUSTED_ORIGINS = env.csrf_trusted_origins

UPSTREAMS = {
    "quotes": {
        "BASE_URL": os.environ.get("QUOTES_URL", "http://quotes.test/v1"),
        "ALLOW_HTTP": True,
        "TIMEOUT": os.environ.get("QUOTES_TIMEOUT", "4"),
        "MAX_CONNECTIONS": 20,
    }
}
UPSTREAMS_TIMEOUTS = {
    "STARTUP": 30,
    "REQUEST": 15,
    "SHUTDOWN_DELAY": 0,  # no load balancer has to notice anything
    "GRACEFUL_SHUTDOWN": 15,
    "CLIENT_DRAIN": 5,
    "CLIENT_CLOSE": 2,
    "TERMINATION_GRACE_PERIOD": 30,
    "LOOP_STALL_WARNING": 0.5,
    "LOOP_STALL_EXIT": 20,
}
UPSTREAMS_LIMITS = {
    "MAX_UPLOADS": 1000,
    "MAX_REQUESTS": 200,
    "MAX_STREAMS": 100,
    "MAX_BACKGROUND_TASKS": 100,
    "MAX_BODY_SIZE": 10 * 1024 * 1024,
    "BODY_TIMEOUT": 10,
    "MAX_IDLE_THREADS": 64,
}
DATA_UPLOAD_MAX_MEMORY_SIZE = UPSTREAMS_LIMITS["MAX_BODY_SIZE"]
UPSTREAMS_FAST_PATH = True
UPSTREAMS_REQUIRED_DATABASES: list[str] = []  # tests look at databases in their own way
UPSTREAMS_HTML_ERROR_APPS = ["admin"]
UPSTREAMS_DRAIN_FILE = env.drain_file
UPSTREAMS_CORS_ALLOWED_ORIGINS = env.cors_allowed_origins
UPSTREAMS_REPLICAS = env.replicas
UPSTREAMS_WORKERS = env.web_concurrency
UPSTREAMS_FORWARDED_ALLOW_IPS = env.forwarded_allow_ips
UPSTREAMS_SENTRY_DSN = env.sentry_dsn
UPSTREAMS_METRICS_TOKEN = env.metrics_token
UPSTREAMS_SCHEDULE: dict[str, float] = {}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "ninja",
    "django_tasks_db",
    "upstreams",
    "upstreams.tasks.database",
    "upstreams.tasks.celery",
    "upstreams.tasks.schedule",
    "upstreams.contrib.tokens",
    "upstreams.contrib.webhooks",
    "upstreams.contrib.idempotency",
    "upstreams.contrib.upstreams_page",
    "testproject",
    "testproject.favourites",
]
# Django's own, without its thread switches.
MIDDLEWARE = [
    "upstreams.asgi.problem_details.ProblemDetailsMiddleware",
    "upstreams.asgi.access_log.RouteMiddleware",
    "upstreams.fastpath.middleware.SecurityMiddleware",
    "upstreams.fastpath.middleware.ContentSecurityPolicyMiddleware",
    "upstreams.fastpath.middleware.SessionMiddleware",
    "upstreams.fastpath.middleware.CommonMiddleware",
    "upstreams.fastpath.middleware.CsrfViewMiddleware",
    "upstreams.fastpath.middleware.AuthenticationMiddleware",
    "upstreams.fastpath.middleware.MessageMiddleware",
    "upstreams.fastpath.middleware.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "testproject.urls"
ASGI_APPLICATION = "testproject.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.database()}
CACHES = caches_from_url("")  # not the one that others use
TASKS = {"default": {"BACKEND": "upstreams.testing.tasks.RecordingBackend"}}
AXES_ENABLED = False  # until a test counts failed logins
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real ones are slow on purpose

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = True
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0 if DEBUG else env.secure_hsts_seconds
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W003", "security.W005", "security.W021"]
SILENCED_SYSTEM_CHECKS += ["axes.W002", "axes.W003"]

LOGGING = logging_config(env.log_level, readable=DEBUG)
