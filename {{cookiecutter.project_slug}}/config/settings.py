"""Django settings. Values that differ between deployments come from the environment, see env.py."""

from datetime import timedelta
from pathlib import Path

from django.utils.csp import CSP
from upstreams.telemetry.logging import logging_config

import api
from config import tasks
from config.env import env

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.debug
SECRET_KEY = env.secret_key
ALLOWED_HOSTS = env.allowed_hosts or (["127.0.0.1", "localhost", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.csrf_trusted_origins

# Other services: alias -> keys, explained in vendor/django-upstreams/docs/upstreams.md. UPSTREAMS__ALIAS__KEY in the
# environment overrides each of them.
UPSTREAMS = env.upstreams(
    {
        # example: quotes
        "quotes": {"BASE_URL": "http://127.0.0.1:8101", "TIMEOUT": 4.0, "MAX_CONNECTIONS": 20},
    }
)

# Seconds. Every timeout is longer than the timeouts it contains: `manage.py check` compares them, and
# tests/test_deploy.py compares them with deploy/.
UPSTREAMS_TIMEOUTS = {
    "STARTUP": 30,  # for each context manager of config/asgi.py to open
    "REQUEST": 15,  # until the response to a request begins; longer than any upstream's TIMEOUT
    "SHUTDOWN_DELAY": 5,  # from SIGTERM until the server stops listening, so that the load balancer notices first
    "GRACEFUL_SHUTDOWN": 15,  # for requests in flight after that
    "CLIENT_DRAIN": 5,  # for upstream calls and background work in flight, when the clients close
    "CLIENT_CLOSE": 2,  # for all clients to close
    "TERMINATION_GRACE_PERIOD": 30,  # from SIGTERM until the platform kills the process
    "LOOP_STALL_WARNING": 0.5,  # without a turn of the event loop, before its stack is logged
    "LOOP_STALL_EXIT": 20,  # without a turn of the event loop, before the process exits; 0 means never
    "STUCK_REQUESTS_EXIT": 20,  # with all places taken by views that do not end, before it exits; 0 means never
}
if DEBUG:
    UPSTREAMS_TIMEOUTS |= {
        "SHUTDOWN_DELAY": 0,
        "CLIENT_DRAIN": 1,
        "CLIENT_CLOSE": 1,
        "TERMINATION_GRACE_PERIOD": 18,
        "LOOP_STALL_EXIT": 0,
    }
# Bytes of the body of a request, whatever it holds; one more is a 413.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
UPSTREAMS_LIMITS = {  # for each process; one more is a 503
    "MAX_REQUESTS": 200,
    "MAX_STREAMS": 100,
    "MAX_BODY_SIZE": DATA_UPLOAD_MAX_MEMORY_SIZE,
    # Of all bodies; twice as much has to fit into /tmp.
    "MAX_TOTAL_BODY_SIZE": 5 * DATA_UPLOAD_MAX_MEMORY_SIZE,
}
UPSTREAMS_FAST_PATH = True  # Django's ASGI handler and middleware without thread switches
UPSTREAMS_REQUIRED_DATABASES = ["default"]  # without them, /readyz is 503
UPSTREAMS_SCHEDULE = {"upstreams.tasks.prune.prune": 3600}  # periodic tasks: path -> seconds
UPSTREAMS_REPLICAS = env.replicas
UPSTREAMS_WORKERS = env.web_concurrency
UPSTREAMS_DRAIN_FILE = env.drain_file
UPSTREAMS_FORWARDED_ALLOW_IPS = env.forwarded_allow_ips
UPSTREAMS_CORS_ALLOWED_ORIGINS = env.cors_allowed_origins
UPSTREAMS_METRICS_TOKEN = env.metrics_token
UPSTREAMS_SENTRY_DSN = env.sentry_dsn

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "upstreams",
    *tasks.APPS,
    "upstreams.tasks.schedule",
    "upstreams.contrib.tokens",
    "upstreams.contrib.upstreams_page",
    "services",
    "users",
    *api.APPS,
]

# The first two are of the package, the others Django's own, without their thread switches.
MIDDLEWARE = [
    "upstreams.asgi.problem_details.ProblemDetailsMiddleware",  # first: errors of the others are problems, too
    "upstreams.asgi.access_log.RouteMiddleware",  # before the rest: the log names the route of refused requests
    "upstreams.fastpath.middleware.SecurityMiddleware",
    "upstreams.fastpath.middleware.ContentSecurityPolicyMiddleware",
    "upstreams.fastpath.middleware.SessionMiddleware",
    "upstreams.fastpath.middleware.CommonMiddleware",
    "upstreams.fastpath.middleware.CsrfViewMiddleware",
    "upstreams.fastpath.middleware.AuthenticationMiddleware",
    "upstreams.fastpath.middleware.MessageMiddleware",
    "upstreams.fastpath.middleware.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEST_RUNNER = "upstreams.testing.runner.UpstreamsTestRunner"
AUTH_USER_MODEL = "users.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.database()}
CACHES = env.caches()
MAILERS = env.mailers()
TASKS = tasks.TASKS

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

# Django's backend, but after ten wrong passwords from one address, logins from there are a 429 for ten minutes.
AUTHENTICATION_BACKENDS = ["upstreams.contrib.logins.LimitLogins"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_CLIENT_IP_CALLABLE = "upstreams.contrib.logins.client_address"
AXES_DISABLE_ACCESS_LOG = True  # each login would be a row that stays
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = True  # forms carry its value; no script has to read it
# What pages may load and run: files from here, and what carries the nonce of the response.
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_SSL_REDIRECT = env.secure_ssl_redirect and not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else env.secure_hsts_seconds
SILENCED_SYSTEM_CHECKS = [
    "security.W001",  # Django looks for its middleware by name, ...
    "security.W002",
    "security.W003",  # ... and upstreams.W003 looks for the package's
    "security.W005",  # HSTS for subdomains: this service does not speak for its neighbours
    "security.W021",  # HSTS preload: neither
    "axes.W002",  # its middleware: LimitLogins does without it
]

LOGGING = logging_config(env.log_level, readable=DEBUG)
