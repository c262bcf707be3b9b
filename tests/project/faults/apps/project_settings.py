"""The generated project with the apps that rows need: what its database is migrated with, and what every row adds to."""

from config.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "upstreams.contrib.webhooks"]
