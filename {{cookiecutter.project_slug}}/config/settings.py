"""Django settings. What differs from place to place comes from the environment, see env.py."""

from pathlib import Path

from django.utils.csp import CSP

import api
from config import caches, tasks
from config import env as environment
from server import logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environment.read()

DEBUG = env.debug
SECRET_KEY = env.secret_key
ALLOWED_HOSTS = env.allowed_hosts or (["127.0.0.1", "localhost", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.csrf_trusted_origins
CORS_ALLOWED_ORIGINS = env.cors_allowed_origins

# Other services: alias -> definition.
# UPSTREAMS__QUOTES__BASE_URL overrides the address of the first of them.
UPSTREAMS = env.upstreams(
    {
        "quotes": {"BASE_URL": "http://127.0.0.1:8001", "TOTAL": 4.0, "MAX_CONNECTIONS": 20},
    }
)

# Seconds. Each figure leaves room for those before it, and `manage.py check` holds them to that.
TIMEOUTS = {
    "START": 30,  # for each context manager of the lifespan to open
    "REQUEST": 15,  # until a request has its answer; more than any upstream's TOTAL
    "LAG": 5,  # from SIGTERM on, until the load balancer sends nothing more
    "SERVER_GRACE": 15,  # for requests in flight when the server has stopped listening
    "DRAIN": 5,  # for calls in flight and spawned work when the upstreams' clients close
    "CLOSE": 2,  # for all of these clients to close
    "ORCHESTRATOR_GRACE": 30,  # from SIGTERM on, until the platform kills the process
    "BLOCKED": 0.5,  # without a turn of the event loop, after which the log says what it does
    "GIVE_UP": 20,  # without a turn of the event loop, after which the process ends itself; 0: never
}
if DEBUG:
    TIMEOUTS |= {"LAG": 0, "DRAIN": 1, "CLOSE": 1, "ORCHESTRATOR_GRACE": 18, "GIVE_UP": 0}

# Of each process.
LIMITS = {
    "UPLOADS": 1000,  # requests whose body is arriving
    "REQUESTS": 200,  # requests being answered; more get a 503
    "STREAMS": 100,  # answers in several parts being sent
    "SPAWNED": 100,  # pieces of work in the background
    "BODY": 10 * 1024 * 1024,  # bytes of a request's body
    "BODY_TIME": 10,  # seconds until it has arrived
    "IDLE_THREADS": 64,  # kept for the next requests that need one; in use there may be more
}
FAST_PATH = True  # server/handler.py; without it, Django's own ASGI handler
# Without these nothing can be served: /readyz says so. UPSTREAMS may be REQUIRED, too.
REQUIRED_DATABASES: list[str] = ["default"]
LEAVING_FILE = env.leaving_file

INSTALLED_APPS = [
    "server",  # first: its `runserver` stands before Django's
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *tasks.APPS,
    "services",
    "worker",
    "worker.schedule",
    "users",
    *api.APPS,
]

# Django's own eight, without its thread hops.
MIDDLEWARE = [
    "server.problems.Problems",  # first: what another one refuses is a problem, too
    "server.access.Route",  # before the rest: the log names the route of what another one refuses, too
    "server.middleware.SecurityMiddleware",
    "server.middleware.ContentSecurityPolicyMiddleware",
    "server.middleware.SessionMiddleware",
    "server.middleware.CommonMiddleware",
    "server.middleware.CsrfViewMiddleware",
    "server.middleware.AuthenticationMiddleware",
    "server.middleware.MessageMiddleware",
    "server.middleware.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
HTML_APPS = ["admin"]  # `app_name`s of URLs for people; what goes wrong elsewhere is problem+json
WSGI_APPLICATION = None
AUTH_USER_MODEL = "users.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.database()}
REPLICAS = env.replicas
WORKERS = env.web_concurrency
FORWARDED_ALLOW_IPS = env.forwarded_allow_ips
SENTRY_DSN = env.sentry_dsn
METRICS_TOKEN = env.metrics_token
CACHES = caches.CACHES
TASKS = tasks.TASKS
# Tasks that recur: path -> seconds.
SCHEDULE = {"worker.tasks.prune": 3600}

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
# What pages may load and run: files from here, and what carries the nonce of its answer.
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
    "security.W003",  # ... and server.W003 looks for ours
    "security.W005",  # HSTS for subdomains: this service does not speak for its neighbours
    "security.W021",  # HSTS preload: neither
]

LOGGING = logs.config(env.log_level, readable=DEBUG)
