"""The dashboard, as Grafana imports it."""

from collections.abc import Mapping
from typing import Any

WIDTH, HEIGHT, COLUMNS = 6, 7, 4
"""Of a panel, in the units of Grafana's grid, which is 24 wide."""
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
Json = dict[str, Any]


def dashboard(rows: list[Json], job: str) -> Json:
    """Return a dashboard with variables for the data source, the job and the upstreams.

    Args:
        rows: of panels.
        job: of Prometheus' `scrape_configs`; at first, the dashboard shows this one.
    """
    panels: list[Json] = []
    top = 0
    for row in rows:
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": row["title"],
                "collapsed": False,
                "gridPos": {"x": 0, "y": top, "w": 24, "h": 1},
                "panels": [],
            }
        )
        top += 1
        for place, panel in enumerate(row["panels"]):
            line, column = divmod(place, COLUMNS)
            panels.append(_panel(len(panels) + 1, panel, column * WIDTH, top + line * HEIGHT))
        top += HEIGHT * -(-len(row["panels"]) // COLUMNS)
    return {
        "uid": job,
        "title": job,
        "tags": ["django-upstreams"],
        "timezone": "browser",
        "editable": True,
        "graphTooltip": 1,  # a crosshair in all panels
        "time": {"from": "now-1h", "to": "now"},
        "refresh": "30s",
        "schemaVersion": 39,
        "templating": {"list": [_source(), _job(job), _upstream()]},
        "annotations": {"list": [_starts()]},
        "panels": panels,
    }


def _panel(number: int, panel: Mapping[str, Any], x: int, y: int) -> Json:
    queries = enumerate(panel["queries"].items())
    return {
        "id": number,
        "type": "timeseries",
        "title": panel["title"],
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {
            "defaults": {
                "unit": panel.get("unit", "short"),
                "min": 0,
                "custom": {"drawStyle": "line", "fillOpacity": 10, "lineWidth": 1, "showPoints": "never"},
            },
            "overrides": [],
        },
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for place, (legend, query) in queries
        ],
    }


def _source() -> Json:
    return {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}


def _job(job: str) -> Json:
    query = "label_values(http_requests_in_flight, job)"
    return {
        "name": "job",
        "type": "query",
        "label": "Job",
        "datasource": SOURCE,
        "query": query,
        "current": {"text": job, "value": job},
        "refresh": 1,  # when the dashboard is opened
    }


def _upstream() -> Json:
    return {
        "name": "upstream",
        "type": "query",
        "label": "Upstream",
        "datasource": SOURCE,
        "query": 'label_values(upstream_calls_total{job="$job"}, alias)',
        "current": {"text": "All", "value": "$__all"},
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "refresh": 2,  # when the time range changes
    }


def _starts() -> Json:
    """Lines in all panels where a process has started."""
    return {
        "name": "Starts",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": "blue",
        "expr": 'max by (instance) (process_start_time_seconds{job="$job"}) * 1000',
        "titleFormat": "start of {{instance}}",
        "useValueForTime": "on",
    }
