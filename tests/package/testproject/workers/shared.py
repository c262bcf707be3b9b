"""Tasks as Celery has them."""

import os
import signal

from asgiref.sync import async_to_sync
from celery import shared_task
from celery.exceptions import Reject
from django.contrib.auth.models import Group

from testproject.quotes import quotes
from testproject.workers.tasks import say


@shared_task
def add(a, b):
    say(f"{a} + {b} = {a + b}")
    return a + b


@shared_task
def call():
    say(async_to_sync(quotes.random)().text)


@shared_task(bind=True, autoretry_for=[LookupError], default_retry_delay=0)
def fail_once(self):
    say(f"retries: {self.request.retries}")
    if self.request.retries == 0:
        raise LookupError("not yet")


@shared_task(bind=True)
def die_once(self):
    say("started")
    if not self.request.delivery_info.get("redelivered"):
        os.kill(os.getpid(), signal.SIGKILL)


@shared_task
def count_groups():
    say(f"groups: {Group.objects.count()}")


@shared_task(bind=True)
def refuse(self):
    say(f"after {self.request.get('x-delivery-count') or 0}")
    raise Reject("no", requeue=True)
