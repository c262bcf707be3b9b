"""A generated project's settings for production, with views that strangers keep busy."""

import os

from config.settings import *
from upstreams.policies import cache

ROOT_URLCONF = "growth_urls"
ALLOWED_HOSTS = [".target.test"]
MIDDLEWARE = [*MIDDLEWARE, "upstreams.fastpath.middleware.LocaleMiddleware"]
USE_I18N = True
UPSTREAMS_FAST_PATH = os.environ["FAST_PATH"] == "true"
UPSTREAMS |= {
    "plain": {"BASE_URL": os.environ["UPSTREAM"], "ALLOW_HTTP": True},
    "cached": {"BASE_URL": os.environ["UPSTREAM"], "ALLOW_HTTP": True, "CACHE": True},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a login costs as much as any request
cache.MAX_CACHE_SIZE = 500_000  # five responses fill it, so that twenty would show that it has no limit
