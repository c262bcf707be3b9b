"""What a project whose tasks wait in Celery brings along: a broker in compose, and the way to one in a cluster."""

import difflib
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from generation import SOURCE, generate
from processes import COMPOSE, tool

VARIANT = SOURCE / "_variants" / "task_queue" / "celery"
ADDED_TO = ["compose.yaml", "deploy/kubernetes/base/kustomization.yaml"]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """As Docker Compose itself reads them."""
    project = generate(tmp_path_factory.mktemp("celery") / "out", {"task_queue": "celery"})
    (project / ".env.production").write_text("POSTGRES_PASSWORD=p\nRABBITMQ_PASSWORD=secret\n")
    said = tool(*COMPOSE, "--env-file", ".env.production", "config", cwd=project)
    found: dict[str, Any] = yaml.safe_load(said)["services"]
    return found


@pytest.mark.parametrize("name", ADDED_TO)
def test_a_project_without_a_broker_has_the_same_lines_but_for_it(name: str) -> None:
    without, variant = ((folder / name).read_text().splitlines() for folder in (SOURCE, VARIANT))
    changes = list(difflib.ndiff(without, variant))
    assert [line for line in changes if line.startswith("- ")] == []
    assert [line for line in changes if line.startswith("+ ")] != []


@pytest.mark.parametrize("name", ["web", "worker", "migrate"])
def test_the_broker_lets_the_service_in(services: dict[str, Any], name: str) -> None:
    url = urlsplit(services[name]["environment"]["BROKER_URL"])
    made = services["broker"]["environment"]
    user = (made["RABBITMQ_DEFAULT_USER"], made["RABBITMQ_DEFAULT_PASS"])
    assert (url.hostname, url.path, url.username, url.password) == ("broker", "//", *user)
    assert user == ("service", "secret")


@pytest.mark.parametrize("name", ["web", "worker"])
def test_what_needs_the_broker_starts_after_it(services: dict[str, Any], name: str) -> None:
    assert services[name]["depends_on"]["broker"]["condition"] == "service_healthy"


def test_messages_outlive_the_container_of_the_broker(services: dict[str, Any]) -> None:
    broker = services["broker"]
    kept = [volume["target"] for volume in broker["volumes"] if volume["type"] == "volume"]
    # RabbitMQ's folder is called like its host, which is a random name otherwise.
    assert (kept, broker["hostname"]) == (["/var/lib/rabbitmq"], "broker")


def test_the_broker_knows_how_much_memory_it_has(services: dict[str, Any]) -> None:
    arguments = services["broker"]["environment"]["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"]
    (told,) = re.findall(r"total_memory_available_override_value (\d+)", arguments)
    assert int(told) == int(services["broker"]["mem_limit"])


def test_the_broker_needs_no_capability(services: dict[str, Any]) -> None:
    broker = services["broker"]
    assert (broker["user"], broker["cap_drop"], broker.get("cap_add")) == ("rabbitmq", ["ALL"], None)
