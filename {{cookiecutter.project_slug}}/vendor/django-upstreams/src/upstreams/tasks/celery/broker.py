"""Sends messages to RabbitMQ or Redis, within a time limit."""

import math
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from amqp.exceptions import ChannelError
from django.tasks import task_backends
from kombu import Connection
from kombu.transport import native_delayed_delivery as delayed_delivery

from upstreams.core.errors import UpstreamError
from upstreams.tasks.celery import app
from upstreams.tasks.celery.connections import (
    BROKER_ERRORS,
    Alarm,
    ForkSafePool,
    bound,
    drop,
    may_succeed_again,
    time_limit,
)
from upstreams.tasks.celery.message import Message

MAX_CONNECTIONS = 10
"""Connections that a process may keep open for enqueueing."""


class EnqueueFailed(UpstreamError):
    """The broker did not accept a task."""

    status = 503


class Broker:
    """A broker, and the queues of this service in it.

    Args:
        name: the key in `settings.TASKS`.
        url: of the broker.
        queues: their names.
        prefix: put before these names.
        lease: seconds without a sign of life, after which a worker counts as dead.
    """

    def __init__(self, name: str, url: str, queues: Collection[str], *, prefix: str, lease: float) -> None:
        self.url = url
        self.is_redis = url.startswith("redis")
        self.prefix = prefix
        self.lease = lease
        # The queue "default" first: messages that name no queue go to the first one.
        names = [prefix + queue for queue in sorted(queues, key=lambda queue: (queue != "default", queue))]
        self.app = app.make(name, url, names, prefix, lease)
        self.app.deliver = self._deliver
        self._is_bound = False
        self._make_pool()

    def send(self, message: Message) -> None:
        """Send a message, and wait until the broker confirms that it has it.

        Raises:
            EnqueueFailed: it did not confirm.
        """
        # Django's priorities, -100 to 100, become 0 to 9. RabbitMQ delivers the highest first, Redis the lowest.
        priority = round((message.priority + 100) * 9 / 200)
        self.app.send_task(
            app.TASK_NAME,
            kwargs={"message": message.json()},
            task_id=message.id,
            queue=self.prefix + message.queue,
            priority=9 - priority if self.is_redis else priority,
            countdown=math.ceil(message.seconds) or None,
            shadow=message.path,
        )

    @property
    def location(self) -> str:
        """The URL, without the password."""
        return self.app.connection_for_write().as_uri()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Take a connection from the pool for the block."""
        self._notice_fork()
        connection: Any = bound(self._pool.acquire(block=True, timeout=app.CONNECT_TIMEOUT))
        try:
            yield connection
        except BaseException as error:
            if not self._alarm.keep(connection, error):
                drop(connection)  # half a message may be on its way; the next use opens it again
                connection.release()
            raise
        connection.release()

    def queued(self) -> dict[str, int]:
        """Return how many messages wait in each queue, without those that are delayed or held by a worker."""
        # Not one of the pool: RabbitMQ may have blocked those, because they send.
        with time_limit(app.SEND_TIMEOUT), bound(self.app.connection_for_write()) as connection:
            found = [queue(connection.default_channel).queue_declare() for queue in self._queues()]
        return {answer.queue.removeprefix(self.prefix): answer.message_count for answer in found}

    def declare(self) -> None:
        """Declare the queues.

        Raises:
            ChannelError: RabbitMQ has one with other arguments.
        """
        with time_limit(app.SEND_TIMEOUT), bound(self.app.connection_for_write()) as connection:
            for queue in self._queues():
                queue(connection.default_channel).declare()

    def close(self) -> None:
        """Close the connections of the pool; the next use opens new ones."""
        pool = self._pool
        self._make_pool()
        # Private: ConnectionPool.force_close_all (kombu 5.7), undocumented but meant for its users.
        # tasks/celery/test_enqueuing.py finds what it would leave open.
        pool.force_close_all()

    def _queues(self) -> list[Any]:
        queues: Collection[Any] = self.app.amqp.queues.values()
        return [*queues] if self.is_redis else [app.dead_letters(self.prefix), *queues]

    def _deliver(self, send: Callable[[Connection], Any], task: str, *, delayed: bool) -> Any:
        try:
            with time_limit(app.SEND_TIMEOUT):
                self._notice_fork()
                self._alarm.check()
                if delayed and not self._is_bound and not self.is_redis:
                    self._bind()
                try:
                    return self._use_connection(send)
                except ChannelError:  # the queue was deleted
                    self._declare()
                    return self._use_connection(send)
        except BROKER_ERRORS as error:
            what = f"{self.location} does not accept it ({str(error) or repr(error.__cause__)})"
            raise EnqueueFailed(f"task {task}: {what}; check BROKER_URL") from error

    def _use_connection(self, send: Callable[[Connection], Any]) -> Any:
        with self.connection() as connection:
            was_open = connection.connected
            try:
                return send(connection)
            except ChannelError:
                raise
            except BROKER_ERRORS as error:
                if not may_succeed_again(error, was_open=was_open):
                    raise
            drop(connection)
            return send(bound(connection))

    def _bind(self) -> None:
        # RabbitMQ accepts a delayed message for any queue, and would look for this one only when the time is over.
        try:
            with bound(self.app.connection_for_write()) as connection:
                self._bind_queues(connection)
        except ChannelError:  # nothing was ever delayed in this broker
            self._declare()

    def _declare(self) -> None:
        with bound(self.app.connection_for_write()) as connection:
            # Private: kombu.transport.native_delayed_delivery (kombu 5.7), which Celery's worker calls when it starts;
            # a task may be delayed before. test_a_countdown_needs_no_worker_that_prepared_it uses it.
            delayed_delivery.declare_native_delayed_delivery_exchanges_and_queues(connection, "quorum")
            self._bind_queues(connection)

    def _bind_queues(self, connection: Connection) -> None:
        queues: Collection[Any] = self.app.amqp.queues.values()
        for queue in queues:
            queue(connection.default_channel).declare()
            delayed_delivery.bind_queue_to_native_delayed_delivery_exchange(connection, queue)
        self._is_bound = True

    def _notice_fork(self) -> None:
        if self._pid != os.getpid():  # the connections are the parent's
            self._make_pool()

    def _make_pool(self) -> None:
        self._pid = os.getpid()
        self._alarm = Alarm()
        self._pool = ForkSafePool(self.app.connection_for_write(), limit=MAX_CONNECTIONS)


@cache
def shared_broker(name: str, url: str, queues: frozenset[str], *, prefix: str, lease: float) -> Broker:
    """Return this process' object for a broker: Django makes a backend for each thread, with connections of its own."""
    return Broker(name, url, queues, prefix=prefix, lease=lease)


@contextmanager
def close_broker_connections() -> Iterator[None]:
    """Close the connections that enqueueing opened when the block ends. For the list `lifespan` of the application."""
    yield
    for backend in task_backends.all():
        if isinstance(broker := getattr(backend, "broker", None), Broker):
            broker.close()
