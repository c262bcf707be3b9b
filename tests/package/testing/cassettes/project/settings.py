"""The settings of a project whose tests have cassettes."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).parent
SECRET_KEY = "only-for-tests-" * 5
DEBUG = True
INSTALLED_APPS = ["upstreams"]
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
URL = os.environ["RATES_URL"]
KEYS = {"BACKOFF": 0.001, "MAX_BACKOFF": 0.001, "TIMEOUT": 5}
UPSTREAMS = {
    "rates": {
        "BASE_URL": f"{URL}/v1",
        "AUTH": {"BEARER": os.environ.get("RATES_TOKEN", "of-the-replay")},
        "HEADERS": {"X-Account": os.environ.get("RATES_ACCOUNT", "account-of-the-replay")},
        **KEYS,
    },
    "basic": {
        "BASE_URL": URL,
        "AUTH": {"BASIC": ["ada", os.environ.get("RATES_PASSWORD", "password-of-the-replay")]},
        **KEYS,
    },
    "oauth": {
        "BASE_URL": URL,
        "AUTH": {
            "OAUTH2": {
                "TOKEN_URL": f"{URL}/token",
                "CLIENT_ID": "us",
                "CLIENT_SECRET": os.environ.get("RATES_CLIENT_SECRET", "secret-of-the-replay"),
            }
        },
        **KEYS,
    },
    "down": {"BASE_URL": os.environ["DOWN_URL"], **KEYS},
}
