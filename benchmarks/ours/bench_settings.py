"""The generated project's own settings, with the views of bench_urls.py, room for 256 requests at once and for 1,000 streams."""

import os

import msgspec
from config.settings import *
from config.settings import DATABASES, UPSTREAMS, env

ROOT_URLCONF = "bench_urls"
UPSTREAMS_LIMITS = {**globals().get("UPSTREAMS_LIMITS", {}), "MAX_REQUESTS": 512, "MAX_STREAMS": 1100}
UPSTREAMS |= {
    "many": {"BASE_URL": os.environ["UPSTREAM"], "MAX_CONNECTIONS": 256},
    "llm": {"BASE_URL": os.environ["UPSTREAM"], "MAX_STREAMS": 1100},
    "tls": {"BASE_URL": os.environ["UPSTREAM_TLS"], "CA": os.environ["CA"], "MAX_CONNECTIONS": 256},
}
if "POSTGRESQL" in os.environ:
    host, port, user, name = os.environ["POSTGRESQL"].split()
    url = f"postgresql://{user}@{host}:{port}/{name}"
    DATABASES["postgresql"] = msgspec.structs.replace(env, database_url=url).database()
