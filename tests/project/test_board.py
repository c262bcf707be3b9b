"""The dashboard and the alerts of a generated project: what they ask for is exported, and their readers take them."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import board
import pytest
import yaml
from dashboard import dashboard as dashboard_of
from generation import DEPLOYED, name_of
from processes import environment, run, tool
from promtool import needs_promtool, promtool
from upstreams.asgi import metrics as http_metrics
from upstreams.core import metrics
from upstreams.tasks import metrics as task_metrics

deployed = pytest.mark.parametrize("combination", DEPLOYED, indirect=True, ids=name_of)
MADE_BY_PROMETHEUS = {"ALERTS", "up"}
OF_A_TARGET = {"instance", "job", "le"}
SDK = "grafana-foundation-sdk==1769699998!10.1.0"
DECODE = """
import json, sys; from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import prometheus, timeseries
from grafana_foundation_sdk.models.dashboard import Dashboard
dashboard = json.load(open(sys.argv[1]))
for panel in dashboard["panels"]:
    if panel["type"] == "timeseries":
        defaults = panel["fieldConfig"]["defaults"]
        defaults["custom"] = timeseries.FieldConfig.from_json(defaults["custom"])
        panel["options"] = timeseries.Options.from_json(panel["options"])
        panel["targets"] = [prometheus.Dataquery.from_json(target) for target in panel["targets"]]
decoded = json.loads(JSONEncoder().encode(dashboard))
print(JSONEncoder().encode(Dashboard.from_json(decoded)))
"""
SCRAPE = """
import asyncio; from config.asgi import application; from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan
async def main():
    async with run_lifespan(application), httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
        print((await client.get("http://localhost/metrics")).text)
asyncio.run(main())
"""
QUERIES = [
    *(query for row in board.rows() for panel in row["panels"] for query in panel["queries"].values()),
    *(alert["expr"] for alert in board.alerts()),
]


def metrics_in(query: str) -> set[str]:
    return set(re.findall(r"(\w+)\{", query))


@pytest.fixture
def rules(project: Path) -> Path:
    return project / "deploy/grafana/alerts.yaml"


@pytest.fixture
def dashboard(project: Path) -> Path:
    return project / "deploy/grafana/dashboard.json"


def read(dashboard: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dashboard.read_text())
    return found


def test_the_files_are_what_their_tables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["board.py", "--check"])
    board.main()


def test_a_table_that_was_edited_alone_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    edited = [{**alert, "for": "7m"} for alert in board.alerts()]
    monkeypatch.setattr(board, "alerts", lambda: edited)
    monkeypatch.setattr(sys, "argv", ["board.py", "--check"])
    with pytest.raises(SystemExit, match=r"^alerts.yaml is out of date: run `make board`"):
        board.main()


@deployed
def test_a_project_has_them_for_its_own_job(project: Path, rules: Path, dashboard: Path) -> None:
    assert rules.read_text() == "".join(board.rules(board.alerts(), project.name))
    assert read(dashboard) == dashboard_of(board.rows(), project.name)


@deployed
def test_a_project_exports_what_is_asked_for(project: Path) -> None:
    env = environment(PYTHONPATH=str(project), PYTHONDONTWRITEBYTECODE="1", DEBUG="true", SECRET_KEY="k")
    page = run([sys.executable, "-c", SCRAPE], project, env)
    families = re.findall(r"^# TYPE (\w+) (\w+)", page, re.MULTILINE)
    exported = {f"{name}_bucket" if kind == "histogram" else name for name, kind in families}
    assert {name for query in QUERIES for name in metrics_in(query)} - exported == MADE_BY_PROMETHEUS


@pytest.mark.parametrize("query", [query for query in QUERIES if not MADE_BY_PROMETHEUS & metrics_in(query)])
def test_the_metrics_have_the_labels_that_are_asked_for(query: str) -> None:
    labels = {
        family.describe()[0].name: set(family._labelnames)  # private: there is no other list of them
        for module in (http_metrics, metrics, task_metrics)
        for family in vars(module).values()
        if hasattr(family, "_labelnames")
    }
    grouped = {label for by in re.findall(r"by \(([^)]*)\)", query) for label in by.split(", ")}
    selected = set(re.findall(r'(\w+)(?:=|!=|=~|!~)"', query))
    for name in metrics_in(query):
        known = labels.get(re.sub(r"_(total|bucket)$", "", name), set())
        assert (grouped | selected) - known - OF_A_TARGET == set()


@deployed
def test_grafana_knows_every_field_of_the_dashboard(dashboard: Path) -> None:
    decoded = json.loads(tool(SDK, "python", "-c", DECODE, str(dashboard)))
    # Of Prometheus' annotations, which the schema of all data sources leaves out.
    own = {".annotations.list.0.titleFormat", ".annotations.list.0.useValueForTime"}
    assert set(lost(read(dashboard), decoded)) == own


def lost(written: object, decoded: object, path: str = "") -> list[str]:
    """Return the paths of what decoding has dropped or changed."""
    if isinstance(written, dict) and isinstance(decoded, dict):
        return [one for key in written for one in lost(written[key], decoded.get(key), f"{path}.{key}")]
    if isinstance(written, list) and isinstance(decoded, list) and len(written) == len(decoded):
        pairs = enumerate(zip(written, decoded, strict=True))
        return [one for place, (a, b) in pairs for one in lost(a, b, f"{path}.{place}")]
    return [] if written == decoded else [path]


def test_no_panel_covers_another() -> None:
    panels = dashboard_of(board.rows(), "quotes")["panels"]
    cells = [cell for panel in panels for cell in covered(**panel["gridPos"])]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in panels}) == len(panels)


def covered(x: int, y: int, w: int, h: int) -> list[tuple[int, int]]:
    return [(x + column, y + line) for column in range(w) for line in range(h)]


@needs_promtool
@deployed
def test_prometheus_takes_every_rule_and_every_query(rules: Path, dashboard: Path, tmp_path: Path) -> None:
    found = read(dashboard)
    shown = [target["expr"] for panel in found["panels"] for target in panel.get("targets", [])]
    shown += [marks["expr"] for marks in found["annotations"]["list"]]
    texts = [text.replace("$__rate_interval", "1m") for text in shown]
    recorded = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(texts)]
    panels = tmp_path / "panels.yaml"
    panels.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    said = promtool("check", "rules", str(rules), str(panels))
    assert said.count("SUCCESS") == 2, said
