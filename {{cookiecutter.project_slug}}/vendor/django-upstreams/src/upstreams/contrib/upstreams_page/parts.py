"""What the page shows of one upstream."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from upstreams.clients.states import HEALTHS
from upstreams.contrib.upstreams_page.charts import Charts
from upstreams.contrib.upstreams_page.content import Cell, Chart, Line, UpstreamPart
from upstreams.contrib.upstreams_page.rates import PERCENTILES, Rates, together
from upstreams.contrib.upstreams_page.readings import Reading
from upstreams.contrib.upstreams_page.tables import failed_table, workers_table
from upstreams.contrib.upstreams_page.words import NOTHING, number, seconds, share
from upstreams.contrib.upstreams_page.workers import Worker
from upstreams.core.definition import Definition

MINUTE = 60.0
STATES = {
    "circuit open": (gettext_lazy("circuit open"), "bad"),
    "circuit half open": (gettext_lazy("circuit half open"), "warn"),
    "failing": (gettext_lazy("failing"), "bad"),
    "reachable": (gettext_lazy("reachable"), "good"),
    "unknown": (gettext_lazy("no call yet"), ""),
}
PERCENTILE_NAMES = [f"p{round(100 * one)}" for one in PERCENTILES]


def heads() -> list[str]:
    """Return the heads of the columns of the table of all upstreams."""
    return [
        _("Upstream"),
        _("State"),
        _("Calls a second"),
        *PERCENTILE_NAMES,
        _("Failed"),
        _("Retries"),
        _("Waiting"),
        _("In use"),
        _("Idle"),
        _("Cache hits"),
    ]


def upstream_part(
    id: str,  # noqa: A002 - as in HTML
    definition: Definition,
    workers: Sequence[Worker],
    charts: Charts,
    bounds: list[float],
) -> UpstreamPart:
    """Return what the page shows of an upstream.

    Args:
        id: of its section; the beginning of the ids in it.
        definition: of the upstream.
        workers: of the service.
        charts: of all upstreams.
        bounds: of the buckets of the durations, in seconds.
    """
    alias = definition.alias
    readings = [
        worker.state.readings[alias]
        for worker in workers
        if worker.state is not None and worker.condition == "responds" and alias in worker.state.readings
    ]
    rates = together(found for worker in workers if (found := worker.rates(alias, MINUTE)) is not None)
    return UpstreamPart(
        alias=alias,
        id=id,
        address=definition.base_url,
        cells=_cells(id, readings, rates, bounds),
        facts=_facts(id, definition, readings),
        charts=_charts(id, alias, workers, charts, bounds, rates),
        workers=workers_table(f"{id}-workers", alias, workers),
        failed=failed_table(f"{id}-failed", alias, workers),
    )


def _cells(id: str, readings: list[Reading], rates: Rates | None, bounds: list[float]) -> list[Cell]:  # noqa: A002 - as in HTML
    counted = rates.counted if rates is not None else None
    state, colour = _state(readings)
    cells = {
        "state": state,
        "rate": number(rates.per_second if rates is not None else None),
        **{
            name: seconds(rates.percentile(one, bounds) if rates is not None else None)
            for name, one in zip(PERCENTILE_NAMES, PERCENTILES, strict=True)
        },
        "errors": share(counted.failed, counted.calls) if counted is not None else NOTHING,
        "retries": number(counted.retries if counted is not None else None),
        "waiting": number(sum(one.waiting for one in readings)),
        "in-use": number(sum(one.in_use for one in readings)),
        "idle": number(sum(one.idle for one in readings)),
        "cache": share(counted.hits, counted.hits + counted.misses) if counted is not None else NOTHING,
    }
    failing = counted is not None and counted.failed > 0
    colours = {"state": colour, "errors": "bad" if failing else ""}
    return [Cell(f"{id}-{name}", text, colours.get(name, "")) for name, text in cells.items()]


def _state(readings: list[Reading]) -> tuple[str, str]:
    if not readings:
        return NOTHING, ""
    worst = min((one.health for one in readings), key=HEALTHS.index)
    count = sum(one.health == worst for one in readings)
    text, colour = STATES[worst]
    if count == len(readings) or worst == "unknown":
        return str(text), colour
    where = {"state": text, "count": number(count), "all": number(len(readings))}
    return _("%(state)s in %(count)s of %(all)s workers") % where, colour


def _facts(id: str, definition: Definition, readings: list[Reading]) -> list[tuple[str, Cell]]:  # noqa: A002 - as in HTML
    limit = definition.max_connections
    queue = 2 * limit if definition.queue_size is None else definition.queue_size
    budgets = [one.budget for one in readings if one.budget is not None]
    facts = {
        "limits": (
            _("Limits of each worker"),
            _("%(connections)s connections, %(queue)s calls in the queue")
            % {"connections": number(limit), "queue": number(queue)},
        ),
        "budget": (
            _("Retry budget"),
            _("%(number)s retries at once, in the worker with the fewest") % {"number": number(min(budgets))}
            if budgets
            else NOTHING,
        ),
        "turn": (_("Rate limit"), _rate_limit(definition, readings)),
        "age": (_("Oldest connection"), seconds(max((one.age for one in readings), default=0.0) or None)),
    }
    return [(label, Cell(f"{id}-{name}", text)) for name, (label, text) in facts.items()]


def _rate_limit(definition: Definition, readings: list[Reading]) -> str:
    if definition.rate_limit is None:
        return _("none")
    values = {"rate": number(definition.rate_limit)}
    if definition.shared:
        return _("%(rate)s calls a second, of all processes together") % values
    turns = [one.turn for one in readings if one.turn is not None]
    values["wait"] = seconds(max(turns, default=0.0))
    return _("%(rate)s calls a second in each worker; the next call waits %(wait)s") % values


def _charts(
    id: str,  # noqa: A002 - as in HTML
    alias: str,
    workers: Sequence[Worker],
    charts: Charts,
    bounds: list[float],
    rates: Rates | None,
) -> list[Chart]:
    drawn = charts.of(alias, workers, bounds)
    now = number(rates.per_second if rates is not None else None)
    rate = _("Calls a second: %(now)s; highest %(highest)s") % {
        "now": now,
        "highest": number(drawn.highest_rate),
    }
    values = [rates.percentile(one, bounds) if rates is not None else None for one in PERCENTILES]
    named = ", ".join(
        f"{name} {seconds(value)}" for name, value in zip(PERCENTILE_NAMES, values, strict=True)
    )
    latency = _("Duration: %(values)s; highest %(highest)s") % {
        "values": named,
        "highest": seconds(drawn.highest_latency),
    }
    return [
        Chart(Cell(f"{id}-rates", rate), [Line(f"{id}-rate-line", drawn.rate, "rate")]),
        Chart(
            Cell(f"{id}-durations", latency),
            [
                Line(f"{id}-{name}-line", d, name)
                for name, d in zip(PERCENTILE_NAMES, drawn.latencies, strict=True)
            ],
        ),
    ]
