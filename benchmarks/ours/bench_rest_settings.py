"""The generated project's own settings, with the view of bench_rest_urls.py."""

import os
import site

site.addsitedir(os.environ["PEERS_PACKAGES"])  # behind the project's own packages: what it has, it keeps

from config.settings import *

ROOT_URLCONF = "bench_rest_urls"
