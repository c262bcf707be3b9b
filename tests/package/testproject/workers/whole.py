"""The same settings, for a worker beside a service."""

from testproject import settings
from testproject.workers.settings import *

INSTALLED_APPS = settings.INSTALLED_APPS
MIDDLEWARE = settings.MIDDLEWARE
ROOT_URLCONF = settings.ROOT_URLCONF
