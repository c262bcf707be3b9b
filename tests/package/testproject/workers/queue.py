"""`enqueue NAME ARGUMENTS COUNT` puts tasks into the queue; `results` prints what became of all of them."""

import json
import sys
from datetime import timedelta

import django
from django.utils import timezone


def enqueue(name, arguments, count):
    from testproject.workers import tasks

    for _ in range(int(count)):
        getattr(tasks, name).enqueue(*json.loads(arguments))


def enqueue_all(calls):
    for name, arguments in json.loads(calls):
        enqueue(name, json.dumps(arguments), 1)


def enqueue_later(name, arguments, seconds):
    from testproject.workers import tasks

    run_after = timezone.now() + timedelta(seconds=float(seconds))
    getattr(tasks, name).using(run_after=run_after).enqueue(*json.loads(arguments))


def results():
    from django_tasks_db.models import DBTaskResult

    fields = ("status", "return_value", "exception_class_path", "worker_ids", "traceback")
    found = list(DBTaskResult.objects.order_by("enqueued_at").values(*fields))
    print(json.dumps([{**one, "attempts": len(one.pop("worker_ids"))} for one in found]))


def rename(path):
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.update(task_path=path)


def move(queue):
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.update(queue_name=queue)


if __name__ == "__main__":
    django.setup()
    globals()[sys.argv[1]](*sys.argv[2:])
