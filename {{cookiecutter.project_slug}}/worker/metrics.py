"""What is counted of tasks (Prometheus). A task's label is the path of its function, in code: one of few."""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # as server/metrics.py, which a worker need not import

ENQUEUED = Counter("tasks_enqueued_total", "Tasks put into a queue", ["task"])
ATTEMPTS = Counter(
    "task_attempts_total", "Attempts by outcome: succeeded, again, failed, lost", ["task", "outcome"]
)
WAIT = Histogram(
    "task_wait_seconds",
    "From when an attempt could have begun until it began",
    ["queue"],
    buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
)
DURATION = Histogram(
    "task_duration_seconds",
    "Of an attempt",
    ["task"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600),
)
RUNNING = Gauge("tasks_running", "Attempts being made", ["task"], multiprocess_mode="livesum")
QUEUED = Gauge(
    "tasks_queued", "Tasks that could run, had a worker time for them", ["queue"], multiprocess_mode="livemax"
)
