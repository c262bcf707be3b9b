"""The generated project's own settings, for the routes of bench_bolt.py."""

import os
import site

site.addsitedir(os.environ["PEERS_PACKAGES"])  # behind the project's own packages: what it has, it keeps

from config.settings import *

INSTALLED_APPS += ["django_bolt"]
BOLT_API = ["bench_bolt:api"]
