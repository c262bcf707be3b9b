"""Prometheus metrics of tasks. The label `task` is the dotted path of the task's function: one of few."""

from prometheus_client import (
    Counter,
    Gauge,
    Histogram,
)

ENQUEUED = Counter("tasks_enqueued_total", "Tasks enqueued", ["task"])
ATTEMPTS = Counter(
    "task_attempts_total",
    "Attempts that ended, by outcome: succeeded, retried, failed, worker_lost",
    ["task", "outcome"],
)
WAIT = Histogram(
    "task_wait_seconds",
    "Seconds between the time an attempt could have started and its start",
    ["queue"],
    buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
)
DURATION = Histogram(
    "task_duration_seconds",
    "Seconds that an attempt took",
    ["task"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600),
)
RUNNING = Gauge("tasks_running", "Attempts in progress", ["task"], multiprocess_mode="livesum")
QUEUED = Gauge(
    "tasks_queued", "Tasks that are due and wait for a worker", ["queue"], multiprocess_mode="livemax"
)
OUTBOX = Gauge(
    "tasks_outbox", "Tasks that wait for a worker to send them to the broker", multiprocess_mode="livemax"
)
