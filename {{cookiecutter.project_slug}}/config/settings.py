"""Django settings. What differs from place to place comes from the environment, see env.py."""

from pathlib import Path

from config import env as environment

BASE_DIR = Path(__file__).resolve().parent.parent

env = environment.read()

DEBUG = env.debug
SECRET_KEY = env.secret_key
ALLOWED_HOSTS = env.allowed_hosts or (["127.0.0.1", "localhost", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.csrf_trusted_origins

# Other services: alias -> definition. UPSTREAMS__QUOTES__BASE_URL overrides the first of them.
UPSTREAMS = env.upstreams(
    {
        "quotes": {"BASE_URL": "http://127.0.0.1:8001", "TOTAL": 4.0, "MAX_CONNECTIONS": 20},
    }
)

# Seconds.
TIMEOUTS = {
    "START": 30,  # for each context manager of the lifespan to open
    "SERVER_GRACE": 5 if DEBUG else 15,  # for requests in flight when the server is told to stop
    "DRAIN": 2 if DEBUG else 5,  # for calls in flight when the upstreams' clients close
    "CLOSE": 2,  # for all of these clients to close
}

INSTALLED_APPS = [
    "server",  # first: its `runserver` stands before Django's
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "services",
    "users",
    "api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "server.problems.Problems",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = None
AUTH_USER_MODEL = "users.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.database()}
REPLICAS = env.replicas

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
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

SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env.secure_ssl_redirect and not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else env.secure_hsts_seconds
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: this service does not speak for its neighbours
    "security.W021",  # HSTS preload: neither
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.log_level},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "propagate": True},
        # At INFO these write whole URLs, query included.
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
    },
}
