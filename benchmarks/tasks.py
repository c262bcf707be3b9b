"""`make bench-tasks` measures how many tasks a second workers do, and writes tasks.md."""

import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from statistics import median

import stub
from footers import machine, where
from pages import table
from targets import say
from task_projects import BACKENDS, TASKS, answers, prepared

ROUNDS = 3
WAYS = ("own", "shared")
WORKERS = (1, 2)
PAGE = Path(__file__).parent / "tasks.md"
RESULTS = Path(__file__).parent / "results" / "tasks.json"


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            rates = asyncio.run(measure(Path(folder)))
    except KeyboardInterrupt:
        sys.exit("stopped")
    results = {**machine(), "tasks": TASKS, "rates": rates}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    PAGE.write_text(page(results))
    print(page(results))


async def measure(folder: Path) -> dict[str, dict[str, list[float]]]:
    """Backend -> workers and way -> tasks a second, a figure a round."""
    calls: list[float] = []
    upstream, url = await stub.started(heard=lambda: calls.append(time.perf_counter()))
    found = [backend for backend in BACKENDS if answers(backend.port)]
    rates: dict[str, dict[str, list[float]]] = {backend.name: {} for backend in found}
    async with upstream:
        with ExitStack() as stack:
            projects = {backend: stack.enter_context(prepared(backend, folder, url)) for backend in found}
            turns = list(product(found, WORKERS, WAYS))
            for number in range(ROUNDS):
                for backend, workers, way in random.sample(turns, len(turns)):
                    say(f"round {number + 1}: {backend.name}, {workers} workers, {way}")
                    rate = await projects[backend].rate(way, workers, calls)
                    rates[backend.name].setdefault(f"{workers} {way}", []).append(round(rate, 1))
    return rates


def page(results: dict[str, object]) -> str:
    """What stands in tasks.md."""
    rates = results["rates"]
    assert isinstance(rates, dict)
    rows = []
    for backend, figures in rates.items():
        for workers in WORKERS:
            own, shared = (figures[f"{workers} {way}"] for way in WAYS)
            ratios = [ours / theirs for ours, theirs in zip(shared, own, strict=True)]
            cells = [f"{median(own):.0f}", f"{median(shared):.0f}", f"{median(ratios):.1f}"]
            rows.append([backend, str(workers), *cells])
    heads = ["", "workers", "a client per task", "the worker's pool", "times"]
    return HEAD.format(tasks=TASKS, rounds=ROUNDS) + table(heads, rows) + f"\n{where(results)}.\n"


HEAD = """# Tasks a second
Async tasks of `django.tasks` with one call each to an upstream that answers at once: {tasks} of them wait when the workers start. The first column opens an `httpx2.AsyncClient` in each task, the second one calls the upstream over its worker's pool. Workers are as generated, `manage.py worker`: on the database one does one task after the other, with Celery four at once in threads. Workers, upstream and servers share the cores, in {rounds} rounds of shuffled order; the figures are medians, and compare with each other only. `make bench-tasks` writes this page.

"""


if __name__ == "__main__":
    main()
