"""The generated project's own settings, with many upstreams, and room for as many requests as there are connections."""

import os

from config.settings import *
from config.settings import UPSTREAMS, UPSTREAMS_LIMITS

ROOT_URLCONF = "bench_growing_urls"
# Of all bodies at once, 32 MB are in flight.
UPSTREAMS_LIMITS |= {"MAX_REQUESTS": 1100}
UPSTREAMS |= {
    f"up{number}": {"BASE_URL": url, "MAX_CONNECTIONS": 1024}
    for number, url in enumerate(os.environ["UPSTREAM_URLS"].split())
}
