"""kombu's transport for Redis, without a moment in which a message is nowhere but on a connection.

kombu takes a message by BRPOP and, when it has the reply, writes it to the messages that are not acknowledged yet. A
connection that is cut, or a worker that is killed, in between loses it. Here a script does both at once. A script cannot
wait, so that the sender of a message puts a token into a list beside the queue, and workers that found nothing wait for
a token. A token that is missing, as with other programs that send, costs a moment, and no message.
"""

from queue import Empty
from time import monotonic, time
from typing import Any

import celery.app.amqp
import kombu
from kombu.transport import redis, virtual
from kombu.utils.encoding import bytes_to_str
from kombu.utils.json import dumps, loads
from redis.exceptions import OutOfMemoryError, ReadOnlyError

# KEYS: messages that are not acknowledged, their times, and the queues. ARGV: the time, and the names of the queues.
# What Redis refuses when its memory is full is done before the message leaves its queue: a script is not rolled back.
TAKE = """
for i = 3, #KEYS do
  local raw = redis.call('LINDEX', KEYS[i], -1)
  if raw then
    local is_valid, message = pcall(cjson.decode, raw)
    local properties = is_valid and type(message) == 'table' and message.properties
    local tag = type(properties) == 'table' and properties.delivery_tag
    if tag then
      redis.call('HSET', KEYS[1], tag, '[' .. raw .. ',"",' .. cjson.encode(ARGV[i - 1]) .. ']')
      redis.call('ZADD', KEYS[2], ARGV[1], tag)
    end
    redis.call('RPOP', KEYS[i])
    return {ARGV[i - 1], raw}
  end
end
"""
WAKE = """
redis.call('RPUSH', KEYS[1], 1)
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[1]), -1)
"""
MAX_TOKENS = 16
"""Tokens beside a queue, more than there are workers between a look at it and the wait for a token."""


class QoS(redis.QoS):
    """Acknowledges messages; those that the script has taken are written already."""

    channel: Any

    def append(self, message: Any, delivery_tag: str) -> None:
        if self.channel.taken == delivery_tag:
            virtual.QoS.append(self, message, delivery_tag)
        else:
            super().append(message, delivery_tag)


# Private: _brpop_start and _brpop_read, and what they use (kombu 5.7). If they are not called any more, the transport
# works as kombu's own, and test_a_connection_that_is_cut_under_a_message_loses_nothing fails.
class Channel(redis.Channel):
    """Takes messages by the script."""

    QoS = QoS
    _queue_cycle: Any
    _q_for_pri: Any
    _expires: Any
    _flush_brpop_reauth: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.taken: str | None = None
        self._was_empty = self._waits_for_token = False
        self._not_acknowledged: set[str] = set()
        super().__init__(*args, **kwargs)

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> Any:
        if no_ack:
            self._not_acknowledged.add(queue)
        return super().basic_consume(queue, no_ack, *args, **kwargs)

    def _brpop_start(self, timeout: float | None = None) -> None:
        queues = self._queue_cycle.consume(len(self.active_queues))
        if not queues:
            return
        connection = self._in_poll = self.client.connection
        self._brpop_sent_at = monotonic()
        commands: list[tuple[Any, ...]] = []
        self._waits_for_token = self._was_empty
        if self._waits_for_token:
            # The lease of the message runs while the token is waited for.
            timeout = min(timeout or self.brpop_timeout, self.visibility_timeout / 4)
            commands.append(("BLPOP", *map(self._tokens, queues), timeout))
        # All queues for the highest priority, then for the next one.
        found = [(self._q_for_pri(queue, step), queue) for step in self.priority_steps for queue in queues]
        keys = [self.unacked_key, self.unacked_index_key, *(key for key, _ in found)]
        keys = [self.global_keyprefix + key for key in keys]
        commands.append(("EVAL", TAKE, len(keys), *keys, time(), *(queue for _, queue in found)))
        connection.send_packed_command(connection.pack_commands(commands))

    def _brpop_read(self, **options: Any) -> bool:
        connection = self.client.connection
        try:
            if self._waits_for_token:
                self.client.parse_response(connection, "BLPOP", **options)
            taken = self.client.parse_response(connection, "EVAL", **options)
            self._was_empty = not taken
        except BaseException:
            self._was_empty = False
            connection.disconnect()
            raise
        finally:
            self._in_poll = None
            self._flush_brpop_reauth()
        if not taken or monotonic() > self._brpop_sent_at + self.visibility_timeout / 2:
            # The reply may lie unread while the worker has enough to do; the message goes to another worker then.
            raise Empty
        self._deliver_taken(*map(bytes_to_str, taken))
        return True

    def _deliver_taken(self, queue: str, raw: str) -> None:
        self._queue_cycle.rotate(queue)
        message = loads(raw)
        self.taken = message["properties"]["delivery_tag"]
        try:
            self.connection._deliver(message, queue)
            if queue in self._not_acknowledged:
                self.qos.ack(self.taken)
        finally:
            self.taken = None

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        if "_publish_batch" in kwargs or queue in self._expires:
            super()._put(queue, message, **kwargs)
            return
        key = self._q_for_pri(queue, self._get_message_priority(message, reverse=False))
        with self.conn_or_acquire() as client, client.pipeline(transaction=False) as pipe:
            pipe.lpush(key, dumps(message))
            # As a script, whose keys kombu's client gives no prefix.
            pipe.execute_command("EVAL", WAKE, 1, self._tokens(queue), MAX_TOKENS)
            pipe.execute()

    def _tokens(self, queue: str) -> str:
        return f"{self.global_keyprefix}{queue}{self.sep}tokens"


class Transport(redis.Transport):
    """Reconnects, and tries again, also when Redis is full or has become a replica."""

    Channel = Channel
    connection_errors = (*redis.Transport.connection_errors, OutOfMemoryError, ReadOnlyError)


class Connection(kombu.Connection):
    """A connection by this transport, whose URL is one of kombu's."""

    def get_transport_cls(self) -> type[Transport]:
        return Transport


class AMQP(celery.app.amqp.AMQP):
    """Makes the connections of an app."""

    Connection = Connection
