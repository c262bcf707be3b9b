"""Write a project's dashboard and alerts, and the table of alerts in the documentation; --check compares.

panels.toml and alerts/ are their one source. The keys of an alert:

    by: the label whose value it names.
    for: how long the condition has to hold.
    when, action: what has happened and what to do, for people; `when` follows "fires when".
    fires, silent: series that tests/project/test_alerts.py plays to it, in promtool's notation: 121 samples, ten
        seconds apart. At the end of `fires` the alert fires, at the end of `silent` it does not.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

from dashboard import dashboard
from demo import ROOT

SLUG = "{{ cookiecutter.project_slug }}"
PROJECT = ROOT / "{{cookiecutter.project_slug}}"
FOLDER = PROJECT / "deploy" / "grafana"
PAGE = PROJECT / "vendor" / "django-upstreams" / "docs" / "board.md"
# What Prometheus and Grafana put in themselves; cookiecutter must not.
BRACES = re.compile(r"\{\{.*?\}\}")

Alert = dict[str, Any]


def main() -> None:
    written = {
        FOLDER / "dashboard.json": escaped(json.dumps(dashboard(rows(), "$slug"), indent=2) + "\n"),
        FOLDER / "alerts.yaml": escaped("".join(rules(alerts(), "$slug"))),
        PAGE: with_table(PAGE.read_text(), alerts()),
    }
    for file, text in written.items():
        if "--check" not in sys.argv:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        elif text != file.read_text():
            sys.exit(f"{file.name} is out of date: run `make board`, then commit it")


def alerts() -> list[Alert]:
    files = [ROOT / "scripts" / "alerts" / f"{name}.toml" for name in ("service", "upstreams", "tasks")]
    return [alert for file in files for alert in tomllib.loads(file.read_text())["alerts"]]


def rows() -> list[dict[str, Any]]:
    return list(tomllib.loads((ROOT / "scripts" / "panels.toml").read_text())["rows"])


def rules(alerts: list[Alert], job: str) -> Iterator[str]:
    """Yield the lines of a file of Prometheus' rules.

    Args:
        job: of Prometheus' `scrape_configs`.
    """
    yield "# vendor/django-upstreams/docs/board.md lists them. They are yours: change the thresholds.\n"
    yield f'groups:\n  - name: "{job}"\n    rules:\n'
    for alert in alerts:
        yield f"      - alert: {alert['name']}\n"
        yield f"        expr: >-\n          {alert['expr'].replace('$job', job)}\n"
        yield f"        for: {alert['for']}\n"
        yield f'        labels: {{ severity: {alert["severity"]}, service: "{job}" }}\n'
        yield "        annotations:\n"
        yield f"          summary: {json.dumps(summary(alert))}\n"
        yield f"          description: {json.dumps(alert['action'])}\n"


def summary(alert: Alert) -> str:
    prefix = f"{{{{ $labels.{alert['by']} }}}}: " if "by" in alert else ""
    return prefix + str(alert["when"])


def with_table(page: str, alerts: list[Alert]) -> str:
    """Return the page with its table renewed."""
    lines = [
        f"| `{alert['name']}` | {alert['severity']} | {alert['when']} | {alert['action']} |\n"
        for alert in alerts
    ]
    return re.sub(r"(?<=\| --- \| --- \| --- \| --- \|\n)(\|.*\n)*", lambda _: "".join(lines), page)


def escaped(text: str) -> str:
    """Return a template of the text, in which `$slug` is the project's."""
    text = BRACES.sub(lambda found: f"{{% raw %}}{found[0]}{{% endraw %}}", text)
    return text.replace("$slug", SLUG)


if __name__ == "__main__":
    main()
