"""A worker empties the outbox of its database. Real brokers, real processes."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from testproject.processes import SECONDS
from upstreams.testing.proxy import Proxy, Toxics

from tasks.celery.conftest import kill
from tasks.log_lines import assert_success, outcomes, wait_for_line

pytestmark = pytest.mark.processes


@pytest.fixture
def environment(environment):
    return environment | {"OUTBOX": "1"}


@pytest.fixture
def enqueue(environment):
    """Enqueues tasks in another process, without a broker."""

    def enqueue(count):
        code = f"import django; django.setup()\nfrom testproject.workers.tasks import take\nfor _ in range({count}): take.enqueue(0)"
        env = environment | {"BROKER_URL": "amqp://127.0.0.1:1//"}
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=env, check=True, timeout=SECONDS)

    return enqueue


@pytest.fixture
def waiting(database):
    def waiting():
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute("SELECT count(*) FROM upstreams_tasks_celery_outgoing").fetchone()[0]

    return waiting


@pytest.fixture
def proxy(broker_url):
    url = urlsplit(broker_url)
    with Proxy(url.hostname, url.port) as proxy:
        proxy.broker_url = broker_url.replace(f":{url.port}", f":{urlsplit(proxy.url).port}")
        yield proxy


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_a_worker_sends_and_runs_what_was_enqueued_without_a_broker(start, enqueue, waiting, pool):
    enqueue(3)
    assert waiting() == 3
    worker = start("--pool", pool)
    assert outcomes(worker, 3) == [("take", 1, "succeeded")] * 3
    worker.terminate()
    assert_success(worker)
    assert waiting() == 0


@pytest.mark.each_broker
def test_a_broker_that_goes_away_and_comes_back_loses_nothing(start, enqueue, proxy, waiting):
    worker = start(BROKER_URL=proxy.broker_url)
    wait_for_line(worker, "looking for tasks")
    proxy.toxics = Toxics(down=True)
    proxy.close_all()
    enqueue(3)
    wait_for_line(worker, "tasks wait in the outbox until this is over")
    assert waiting() == 3
    proxy.toxics = Toxics()
    assert outcomes(worker, 3) == [("take", 1, "succeeded")] * 3


def test_a_worker_that_is_killed_leaves_the_outbox_to_others(start, enqueue):
    enqueue(200)
    worker = start("--concurrency", "1")
    outcomes(worker, 1)
    kill(worker)
    done = outcomes(start(), 199)
    assert {name for name, _, _ in done} == {"take"}
