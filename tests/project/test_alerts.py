"""Each alert fires when it should, and stays silent otherwise: promtool plays series to the rules."""

import re
from pathlib import Path

import board
import pytest
import yaml
from promtool import needs_promtool, promtool

ALERTS = {alert["name"]: alert for alert in board.alerts()}
SAMPLES, INTERVAL = 120, 10  # seconds


@needs_promtool
@pytest.mark.parametrize("name", ALERTS)
@pytest.mark.parametrize("play", ["fires", "silent"])
def test_an_alert_fires_when_it_should_alone(name: str, play: str, tmp_path: Path) -> None:
    alert = ALERTS[name]
    (tmp_path / "alerts.yaml").write_text("".join(board.rules([alert], "quotes")))
    test = {
        "rule_files": ["alerts.yaml"],
        "evaluation_interval": f"{INTERVAL}s",
        "tests": [
            {
                "interval": f"{INTERVAL}s",
                "input_series": [series(text) for text in alert[play]],
                "alert_rule_test": [
                    {
                        "eval_time": f"{SAMPLES * INTERVAL}s",
                        "alertname": name,
                        "exp_alerts": [fired(alert)] if play == "fires" else [],
                    }
                ],
            }
        ],
    }
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(test))
    said = promtool("test", "rules", str(tmp_path / "test.yaml"))
    assert "SUCCESS" in said, said


def series(text: str) -> dict[str, str]:
    name, _, samples = text.partition("} ")
    return {"series": name.replace("{", '{job="quotes", ') + "}", "values": samples}


def fired(alert: board.Alert) -> dict[str, object]:
    values = dict(re.findall(r'(\w+)="(.*?)"', alert["fires"][0]))
    named = {alert["by"]: values[alert["by"]]} if "by" in alert else {}
    return {
        "exp_labels": {**named, "severity": alert["severity"], "service": "quotes"},
        "exp_annotations": {
            "summary": ": ".join([*named.values(), alert["when"]]),
            "description": alert["action"],
        },
    }
