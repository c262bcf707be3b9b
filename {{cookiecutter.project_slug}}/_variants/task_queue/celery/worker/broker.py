"""The way to RabbitMQ or Redis, and back out of it when it does not answer."""

import math
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import AMQPError, ChannelError
from django.tasks import task_backends
from kombu import Connection
from kombu.connection import ConnectionPool
from kombu.exceptions import KombuError
from kombu.transport import native_delayed_delivery as delayed
from redis.exceptions import RedisError

from services.core.errors import UpstreamError
from worker import app
from worker.message import Message

KEPT = 10
"""Connections that a process may have open, to enqueue."""
UNUSABLE = (KombuError, AMQPError, RedisError, OSError)


class EnqueueFailed(UpstreamError):
    """The broker did not take a task."""

    status = 503


class Broker:
    """A broker, and the queues of this service in it.

    Args:
        name: the key in `settings.TASKS`.
        url: where it is.
        queues: their names.
        prefix: before these names.
        lease: seconds after which a worker that gives no sign of life counts as dead.
    """

    def __init__(self, name: str, url: str, queues: Collection[str], *, prefix: str, lease: float) -> None:
        self.url = url
        self.is_redis = url.startswith("redis")
        self.prefix = prefix
        self.lease = lease
        self.app = app.make(name, url, [prefix + queue for queue in sorted(queues)], prefix, lease)
        self._fill_pool()

    def send(self, message: Message) -> None:
        """Have the broker keep a message, until it is due and a worker has ended it.

        Raises:
            EnqueueFailed: it does not say that it does.
        """
        try:
            try:
                self._send(message)
            except ChannelError:  # a queue was deleted, or nothing was delayed yet
                self._declare()
                self._send(message)
        except UNUSABLE as error:
            what = f"task {message.path}: {self.where} does not take it ({error}); look at BROKER_URL"
            raise EnqueueFailed(what) from error

    @property
    def where(self) -> str:
        """The URL, without the password."""
        return self.app.connection_for_write().as_uri()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One that is kept, for the block."""
        if self._pid != os.getpid():  # the others are the parent's
            self._fill_pool()
        connection: Any = self._pool.acquire(block=True, timeout=app.CONNECT)
        try:
            yield connection
        except BaseException:
            connection.close()  # nobody knows what is on its way there; it opens anew
            raise
        finally:
            connection.release()

    def queued(self) -> dict[str, int]:
        """How many messages wait in each queue; those that are not due yet, or in a worker's hands, do not."""
        queues: Collection[Any] = self.app.amqp.queues.values()
        with self.connection() as connection:
            found = [queue(connection.default_channel).queue_declare() for queue in queues]
        return {answer.queue.removeprefix(self.prefix): answer.message_count for answer in found}

    def release(self) -> None:
        """Close the connections that are kept."""
        pool = self._pool
        self._fill_pool()
        pool.force_close_all()

    def _send(self, message: Message) -> None:
        # Django's -100 to 100 are 0 to 9, of which RabbitMQ takes the highest first, Redis the lowest.
        priority = round((message.priority + 100) * 9 / 200)
        with self.connection() as connection:
            self.app.send_task(
                app.WORK,
                kwargs={"message": message.json()},
                task_id=message.id,
                queue=self.prefix + message.queue,
                priority=9 - priority if self.is_redis else priority,
                countdown=math.ceil(message.seconds) or None,
                mandatory=True,
                timeout=app.CONFIRM,
                confirm_timeout=app.CONFIRM,
                connection=connection,
            )

    def _declare(self) -> None:
        queues: Collection[Any] = self.app.amqp.queues.values()
        with self.app.connection_for_write() as connection:
            delayed.declare_native_delayed_delivery_exchanges_and_queues(connection, "quorum")
            for queue in queues:
                queue(connection.default_channel).declare()
                delayed.bind_queue_to_native_delayed_delivery_exchange(connection, queue)

    def _fill_pool(self) -> None:
        self._pid = os.getpid()
        self._pool = Kept(self.app.connection_for_write(), limit=KEPT)


class Kept(ConnectionPool):
    """Not closed by a forked child: it would close its parent's sockets."""

    close_after_fork = False


@contextmanager
def released() -> Iterator[None]:
    """The part of the lifespan that closes what enqueuing has opened."""
    yield
    for backend in task_backends.all():
        if isinstance(broker := getattr(backend, "broker", None), Broker):
            broker.release()
