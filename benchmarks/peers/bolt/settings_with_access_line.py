import os

from settings import *

INSTALLED_APPS += ["django_bolt"]
ROOT_URLCONF = "bolt.urls"
BOLT_API = [os.environ["URLS"]]
