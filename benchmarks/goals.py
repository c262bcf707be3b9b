"""Where this template stands: floors, below which something is wrong, and goals."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from catalogue import BOLT, FASTAPI, FASTAPI_AIOHTTP, HTTPX2, LIMIT, OURS, THREADS
from figures import ratio, typical
from scenarios import ONE_CALL, POSTGRESQL, SQLITE

Results = Mapping[str, Any]
HEADS = ["", "measured", "floor", "goal", "met"]
NOTE = "CPU a request, theirs divided by ours, but where it says otherwise. Below its floor something is wrong; the goal is where we are going."
IDLE = "a call at 1,000 idle connections / at 10 (goal 1.2)"
MORE_MS = "one more upstream, CPU ms (goal 0.2)"
MORE_KB = "one more upstream, KB by tracemalloc (goal 15)"
CALL = "upstream x1 / aiohttp x1"


class Goal(NamedTuple):
    """A figure, and what it has to be.

    Args:
        figure: of the results; it raises KeyError or TypeError for those that were not measured.
        floor: None if there is none.
        is_limit: whether it must not exceed the goal, instead of reaching it.
        form: how its figures are written.
    """

    name: str
    figure: Callable[[Results], float]
    floor: float | None
    goal: float
    is_limit: bool = False
    form: str = "{:.2f}"

    def row(self, results: Results) -> list[str]:
        """Return a row of the table."""
        bounds = [self._bound(self.floor), self._bound(self.goal)]
        try:
            figure = self.figure(results)
        except (KeyError, TypeError):
            return [self.name, "-", *bounds, "not measured"]
        return [self.name, self.form.format(figure), *bounds, self._verdict(figure)]

    def _bound(self, bound: float | None) -> str:
        return "-" if bound is None else f"{'≤' if self.is_limit else '≥'} {bound:g}"

    def _verdict(self, figure: float) -> str:
        if self._meets(figure, self.goal):
            return "goal"
        if self.floor is None:
            return "no"
        return "floor only" if self._meets(figure, self.floor) else "**neither**"

    def _meets(self, figure: float, bound: float) -> bool:
        return figure <= bound if self.is_limit else figure >= bound


def times(peer: str, scenario: str = ONE_CALL) -> Callable[[Results], float]:
    """CPU of a peer divided by ours."""

    def found(results: Results) -> float:
        played = results["peers"]["scenarios"][scenario]
        return ratio("cpu_ms", played[peer], played[OURS])

    return found


def upstreams(name: str) -> Callable[[Results], float]:
    return lambda results: float(results["upstreams"]["figures"][name])


def tail(results: Results) -> float:
    rounds = results["peers"]["scenarios"][ONE_CALL][OURS]
    return typical(rounds, "p99_ms") / typical(rounds, "p50_ms")


def memory(results: Results) -> float:
    found = results["memory"]["peers"][OURS]
    return float(found["after"] / found["rest"])


GOALS = (
    Goal("one call, against Django + shared httpx2", times(HTTPX2), 8, 12),
    Goal("… FastAPI + shared httpx2", times(FASTAPI), 2.7, 4),
    Goal("… FastAPI + shared aiohttp", times(FASTAPI_AIOHTTP), 0.8, 1.1),
    Goal("… django-bolt + pyqwest", times(BOLT), 0.55, 0.8),
    Goal("… threads + requests", times(THREADS), 3, 5),
    Goal("… of raw ASGI + raw sockets, the limit", times(LIMIT), 0.12, 0.20),
    Goal("sync view, one query, SQLite, against Django", times(HTTPX2, SQLITE), 4, 5),
    Goal("… PostgreSQL", times(HTTPX2, POSTGRESQL), 3.3, 4),
    Goal("a call alone, all policies, against aiohttp's client", lambda r: 1 / upstreams(CALL)(r), 1, 1.2),
    Goal("a call at 1,000 idle connections / at 10", upstreams(IDLE), 1.2, 1.05, is_limit=True),
    Goal("one more upstream, CPU ms", upstreams(MORE_MS), 0.2, 0.1, is_limit=True),
    Goal("one more upstream, KB", upstreams(MORE_KB), 15, 10, is_limit=True, form="{:.0f}"),
    Goal(
        "a worker at rest, MB", lambda r: r["peers"]["megabytes"][OURS], 60, 55, is_limit=True, form="{:.0f}"
    ),
    Goal("… after 100,000 requests, times that at rest", memory, 1.3, 1.15, True),
    Goal("p99 at a full core, times p50", tail, None, 1.5, is_limit=True),
)


def rows(results: Results) -> list[list[str]]:
    """Return the table's rows.

    Args:
        results: name of a file in results/ -> what it holds, None if it is not there.
    """
    return [goal.row(results) for goal in GOALS]
