"""What a process that is forked beside the worker's own threads inherits."""

import os
import subprocess
import sys

import pytest
from testproject.processes import SECONDS, free_port

FORK = """
import os, sys, threading, time
from contextlib import closing, suppress
from http.client import HTTPConnection
import django
django.setup()
from upstreams.tasks import forks, health_server
from upstreams.tasks.celery.heartbeat import Heartbeat
from upstreams.tasks.celery.outbox import Relay

lock = threading.Lock()  # like that of a module that is imported
is_held = threading.Event()

def hold():
    with lock:
        is_held.set()
        time.sleep(0.2)
        is_held.clear()
    return {}

def probe(address):
    while True:
        with closing(HTTPConnection(address)) as connection, suppress(ConnectionError):
            connection.request("GET", "/readyz")
            connection.getresponse().read()

class Library:
    lease, is_redis, task_consumer = 0.1, False, None
    def queued(self):
        return hold()

forks.wait_for_locks()
match sys.argv[1]:
    case "heartbeat":
        thread = Heartbeat(Library())
        thread.consumer = Library()
    case "outbox":
        thread = Relay(None)
        thread._count = hold
        thread.send_batch = lambda: 0
    case port:
        health_server.serve("127.0.0.1", int(port), hold)
        thread = threading.Thread(target=probe, args=[f"127.0.0.1:{port}"], daemon=True)
thread.start()
for _ in range(3):
    is_held.wait()
    process = os.fork()
    if not process:
        os._exit(0 if lock.acquire(timeout=5) else 1)
    assert os.waitpid(process, 0)[1] == 0, "the lock is held for ever"
"""


@pytest.mark.processes
@pytest.mark.parametrize("thread", ["heartbeat", "outbox", "health server"])
def test_a_process_of_the_pool_inherits_no_lock_of_the_workers_threads(thread):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "testproject.workers.celery_settings"}
    argument = str(free_port()) if thread == "health server" else thread
    command = [sys.executable, "-W", "ignore", "-c", FORK, argument]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    _, log = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, log
