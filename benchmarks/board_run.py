"""`make board-picture` plays faults to a project under load, which Prometheus scrapes, and draws its dashboard.

Grafana is in no package index, so board_chart.py draws what Prometheus responds to the dashboard's queries.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import yaml
from board import rows
from board_chart import draw
from demo import ROOT, generate, open_port
from servers import CORES, Server, running
from targets import say
from upstreams.testing.loopback import Loopback, http_response

PHASES = (
    ("healthy", 60, 0.03),
    ("1.5 s slow", 60, 1.5),
    ("healthy", 30, 0.03),
    ("dead", 75, None),
    ("healthy", 60, 0.03),
)
"""Name, seconds, and the seconds that a response takes: None is an upstream that does not listen."""
REQUESTS, TASKS = 50, 3
"""A second."""
STEP, WINDOW = 4, "15s"
QUOTE = {"text": "Simplicity is prerequisite for reliability.", "author": "Edsger Dijkstra"}
MANAGE = [sys.executable, "manage.py"]
KEY = "token_" + "a" * 43
RESULTS = Path(__file__).parent / "results" / "board.json"
PICTURES = ROOT / "{{cookiecutter.project_slug}}/vendor/django-upstreams/docs/images"
EXCERPT = (
    "Requests a second",
    "Duration",
    "Calls a second, by outcome",
    "Circuit breakers that are not closed",
)
"""Of the start page, which is too small for all panels."""
PREPARE = f"""
from django.core.management import call_command; from upstreams.contrib.tokens import tokens
from upstreams.contrib.tokens.models import Token; from users.models import User
call_command("migrate", verbosity=0); call_command("collectstatic", interactive=False, verbosity=0)
Token.objects.create(user=User.objects.create_user("ada"), name="a", digest=tokens.digest("{KEY}"))
"""


def main() -> None:
    if shutil.which("prometheus") is None:
        sys.exit("make board-picture needs prometheus: Debian's package has it")
    with tempfile.TemporaryDirectory(prefix="board-") as folder:
        project, env = prepared(Path(folder))
        results = asyncio.run(record(Path(folder), project, env))
    RESULTS.write_text(json.dumps(results, separators=(",", ":")) + "\n")
    draw_all(PICTURES)


def draw_all(folder: Path) -> None:
    results = json.loads(RESULTS.read_text())
    draw(results, folder / "board.svg")
    draw(results, folder / "board_excerpt.svg", EXCERPT, columns=2)


def prepared(folder: Path) -> tuple[Path, dict[str, str]]:
    project = generate(folder / "out")
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(project),
        "SECRET_KEY": "k" * 60,
        "ENV_FILE": os.devnull,
        "SECURE_SSL_REDIRECT": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "METRICS_TOKEN": KEY,
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "UPSTREAMS__QUOTES__BASE_URL": f"http://127.0.0.1:{open_port(0)}",
        "UPSTREAMS__QUOTES__ALLOW_HTTP": "true",
    }
    subprocess.run([*MANAGE, "shell", "-v0", "-c", PREPARE], cwd=project, env=env, check=True)
    return project, env


async def record(folder: Path, project: Path, env: dict[str, str]) -> dict[str, Any]:
    with ExitStack() as stack:
        commands = {part: [*MANAGE, part, "--port", "{port}"] for part in ("serve", "worker")}
        parts = [
            stack.enter_context(running(command, project, env, folder / f"{part}.txt"))
            for part, command in commands.items()
        ]
        configuration = scraping(project, [part.port for part in parts])
        (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        command = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
        command += ["--web.listen-address=127.0.0.1:{port}"]
        prometheus = stack.enter_context(running(command, folder, env, folder / "prometheus.txt", CORES))
        for part in (*parts, prometheus):
            await part.answers()
        upstream = urlsplit(env["UPSTREAMS__QUOTES__BASE_URL"]).port
        assert upstream
        phases = await play(parts[0], upstream)
        return {"phases": phases, "rows": [shown(row, phases, prometheus.port) for row in rows()]}


def scraping(project: Path, ports: list[int]) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(project / "deploy/grafana/alerts.yaml")],
        "scrape_configs": [
            {
                "job_name": project.name,
                "authorization": {"credentials": KEY},
                "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in ports]}],
            }
        ],
    }


async def play(service: Server, port: int) -> list[tuple[str, float, float]]:
    """Put the service under load while its upstream goes through all phases; return name, begin and end of each."""
    played = []
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{service.port}/v1/", timeout=30) as client:
        load = asyncio.create_task(keep_busy(client))
        for name, seconds, delay in PHASES:
            say(f"{name}, {seconds} s")
            began = time.time()
            with upstream_on(port, delay):
                await asyncio.sleep(seconds)
            played.append((name, began, time.time()))
        load.cancel()
        await asyncio.wait([load])
    return played


@contextmanager
def upstream_on(port: int, delay: float | None) -> Iterator[None]:
    with ExitStack() as stack:
        if delay is not None:
            stack.enter_context(Loopback(port=port).on("*", delay, http_response(QUOTE)))
        yield


async def keep_busy(client: httpx2.AsyncClient) -> None:
    """Send requests at a steady rate, however long they take, as clients do that know nothing of each other."""
    async with asyncio.TaskGroup() as group:
        for number in range(sys.maxsize):
            group.create_task(client.get("quotes/random" if number % 5 else "quotes/three"))
            if number % (REQUESTS // TASKS) == 0:
                bearer = {"Authorization": f"Bearer {KEY}"}
                group.create_task(client.post("favourites", json=QUOTE, headers=bearer))
            await asyncio.sleep(1 / REQUESTS)


def shown(row: dict[str, Any], phases: list[tuple[str, float, float]], port: int) -> dict[str, Any]:
    """Return a row of the dashboard with the series of each panel: legend -> seconds and values."""
    panels = []
    for panel in row["panels"]:
        series: dict[str, list[tuple[float, float]]] = {}
        for legend, query in panel["queries"].items():
            text = query.replace("$__rate_interval", WINDOW).replace("$job", "quotes-service")
            begin, end = phases[0][1], phases[-1][2]
            asked = {"query": text.replace("$upstream", ".*"), "start": begin, "end": end, "step": STEP}
            found = httpx2.get(f"http://127.0.0.1:{port}/api/v1/query_range", params=asked)
            for one in found.raise_for_status().json()["data"]["result"]:
                points = [(round(at - begin, 1), float(f"{float(v):.3g}")) for at, v in one["values"]]
                series[named(legend, one["metric"])] = points
        panels.append({"title": panel["title"], "unit": panel.get("unit"), "series": series})
    return {"title": row["title"], "panels": panels}


def named(legend: str, labels: dict[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda label: labels.get(label[1], ""), legend)


if __name__ == "__main__":
    main()
