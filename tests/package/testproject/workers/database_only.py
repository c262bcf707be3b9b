"""Settings of a project that has the database queue and no Celery."""

from testproject.workers.settings import *

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "upstreams.tasks.celery"]
