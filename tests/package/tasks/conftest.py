"""Queues in a database and in brokers, and workers."""

import json
import os
import subprocess
import sys
import uuid
from threading import Timer
from urllib.parse import urlsplit

import pytest
import redis
from kombu import Connection
from kombu.transport.native_delayed_delivery import CELERY_DELAYED_DELIVERY_EXCHANGE as DELIVERY
from testproject.processes import SECONDS, free_port
from testproject.workers.page import Page
from upstreams.testing.loopback import http_response

URLS = {
    "rabbitmq": os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/9"),
}


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is long
def pytest_collection_modifyitems(items):
    """Run processes over RabbitMQ alone in `make test`, where a test does not ask for each broker."""
    for item in items:
        over_redis = hasattr(item, "callspec") and item.callspec.params.get("broker_url") == "redis"
        if over_redis and item.get_closest_marker("processes") and not item.get_closest_marker("each_broker"):
            item.add_marker("long")


@pytest.fixture(params=URLS)
def broker_url(request, settings):
    url = URLS[request.param]
    settings.UPSTREAMS_TEST_HOSTS = [urlsplit(url).hostname]
    with Connection(url, connect_timeout=2) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0)
        except connection.recoverable_connection_errors as error:
            pytest.skip(f"no broker answers at {connection.as_uri()}: {error}")
        if request.param == "rabbitmq":
            take_what_nobody_receives(connection.default_channel)
    return url


def take_what_nobody_receives(channel):
    """Have a queue for delayed messages whose test is over.

    RabbitMQ keeps a message that it can deliver nowhere in the last of the queues for delays, which all services share,
    and from 32 of them on delivers no other.
    """
    name, arguments = "test-undelivered", {"x-max-length": 1, "x-expires": 7 * 24 * 3600 * 1000}
    channel.exchange_declare(DELIVERY, "topic", durable=True, auto_delete=False)
    channel.queue_declare(name, durable=True, auto_delete=False, arguments=arguments)
    channel.queue_bind(name, DELIVERY, routing_key="#")


@pytest.fixture
def prefix(broker_url):
    """What is made under it in the broker is deleted when the last worker is gone, which would make it anew."""
    prefix = f"test-{uuid.uuid4().hex}-"
    yield prefix
    delete(broker_url, prefix)


def delete(url, prefix):
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            client.delete(*client.scan_iter(f"{prefix}*"), "nothing")
        return
    with Connection(url) as connection:
        for name in ("default", "dead-letters"):
            connection.default_channel.queue_delete(prefix + name)
        connection.default_channel.exchange_delete(f"{prefix}default")


@pytest.fixture
def environment(loopback, database_url):
    loopback.on("/random", http_response({"text": "one pool", "author": "me"}))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "testproject.workers.settings",
        "DATABASE_URL": database_url,
        "QUOTES_URL": loopback.url,
    }


@pytest.fixture
def queue(environment):
    def queue(*arguments, **env):
        command = [sys.executable, "-m", "testproject.workers.queue", *arguments]
        env = environment | env
        return subprocess.run(command, env=env, check=True, capture_output=True, timeout=SECONDS)

    return queue


@pytest.fixture
def results(queue):
    return lambda **env: json.loads(queue("results", **env).stdout)


@pytest.fixture
def start(environment):
    """Starts workers; they are killed when the test ends, or waits too long for one."""
    started = []

    def start(*arguments, **env):
        command = [sys.executable, "manage.py", "worker", *arguments]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=environment | env, stdout=pipe, stderr=pipe, text=True)
        started.append((process, Timer(2 * SECONDS, process.kill)))
        started[-1][1].start()
        return process

    yield start
    for process, too_long in started:
        too_long.cancel()
        process.kill()
        process.communicate()


@pytest.fixture
def answering(start):
    """Starts workers that have a port."""

    def answering():
        port = free_port()
        return Page(start("--port", str(port)), port)

    return answering
