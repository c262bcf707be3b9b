"""Settings of a service behind a proxy that ends TLS."""

from testproject.settings import *

ALLOWED_HOSTS = ["127.0.0.1"]
SECURE_SSL_REDIRECT = True
ROOT_URLCONF = "testproject.proxied.urls"
