"""Background tasks on a database or a message broker, with retries: backends for Django's `django.tasks`."""

import django
from django.core.exceptions import ImproperlyConfigured

if django.VERSION < (6, 0):
    raise ImproperlyConfigured("upstreams.tasks needs Django 6.0 or newer, which has django.tasks")
