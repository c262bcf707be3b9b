"""Compares deploy/, compose.yaml and the Dockerfile with the settings, the environment and each other."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from upstreams import conf
from upstreams.asgi.body_checks import memory_of
from upstreams.core.definition import parse

from config.env import ServiceEnv
from config.settings import UPSTREAMS, UPSTREAMS_LIMITS, UPSTREAMS_TIMEOUTS
from tests.kustomize import pod, rendered, service

ROOT = Path(settings.BASE_DIR)
OVERLAYS = sorted((ROOT / "deploy/kubernetes/overlays").iterdir())
CONNECTIONS = 97  # PostgreSQL, as installed, has 100 and reserves 3 for its superuser


@pytest.fixture(params=OVERLAYS, ids=lambda overlay: overlay.name)
def cluster(request):
    return {(one["kind"], one["metadata"]["name"]): one for one in rendered(request.param)}


@pytest.fixture
def web(cluster):
    return service(cluster["Deployment", "web"])


@pytest.fixture
def worker(cluster):
    return service(cluster["Deployment", "worker"])


@pytest.fixture
def variables(cluster):
    return cluster["ConfigMap", "config"]["data"]


@pytest.fixture
def compose():
    text = (ROOT / "compose.yaml").read_text()
    return yaml.safe_load(re.sub(r"\$\{(\w+):\?[^}]*\}", r"\1", text))["services"]


@pytest.fixture
def servers(compose):
    """Where the service finds its database there, and a broker if it has one."""
    variables = compose["web"]["environment"]
    return [urlsplit(variables[name]) for name in ("DATABASE_URL", "BROKER_URL") if name in variables]


def read(monkeypatch, variables):
    """What config/ makes of these variables alone."""
    monkeypatch.setattr(os, "environ", {"SECRET_KEY": "k" * 50, **variables})
    found = ServiceEnv.read()
    upstreams = found.upstreams(UPSTREAMS)
    unknown = {name for name in variables if name.lower() not in ServiceEnv.__struct_fields__}
    others = {name for name in unknown if not name.startswith(("UPSTREAMS__", "OTEL_"))} - {"ENV_FILE"}
    return found, [*parse(upstreams)[1], *others]


def test_the_variables_of_a_cluster_are_known_and_right(monkeypatch, variables):
    assert read(monkeypatch, variables)[1] == []


def test_the_variables_of_compose_are_known_and_right(monkeypatch, compose):
    found, wrong = read(monkeypatch, compose["web"]["environment"])
    assert (wrong, found.database()["HOST"]) == ([], "database")


def test_database_and_broker_of_compose_are_known_to_be_healthy(compose, servers):
    assert [server.hostname for server in servers if "healthcheck" not in compose[server.hostname]] == []


def test_containers_can_do_no_more_than_they_must(compose):
    hardened = (True, ["ALL"], ["no-new-privileges:true"])
    keys = ("read_only", "cap_drop", "security_opt")
    assert [name for name, one in compose.items() if tuple(one.get(key) for key in keys) != hardened] == []


def test_pods_may_reach_database_and_broker(cluster, servers):
    policies = [one["spec"] for (kind, _), one in cluster.items() if kind == "NetworkPolicy"]
    rules = [rule for policy in policies for rule in policy.get("egress", [])]
    ports = {port["port"] for rule in rules for port in rule.get("ports", [])}
    assert {server.port for server in servers} - ports == set()


def test_pods_are_killed_after_the_last_timeout(cluster):
    graces = {pod(one)["terminationGracePeriodSeconds"] for one in cluster.values() if pod(one)}
    assert graces == {UPSTREAMS_TIMEOUTS["TERMINATION_GRACE_PERIOD"]}


def test_containers_are_killed_after_the_last_timeout(compose):
    graces = {one["stop_grace_period"] for one in compose.values() if "build" in one}
    assert graces == {f"{UPSTREAMS_TIMEOUTS['TERMINATION_GRACE_PERIOD']}s"}


def test_a_probe_gives_a_pod_the_time_to_start(web, worker):
    assert seconds(web["startupProbe"]) > UPSTREAMS_TIMEOUTS["STARTUP"]
    assert seconds(worker["startupProbe"]) > UPSTREAMS_TIMEOUTS["STARTUP"]


def test_a_pod_that_shuts_down_is_noticed_while_it_serves(web):
    assert seconds(web["readinessProbe"]) < UPSTREAMS_TIMEOUTS["SHUTDOWN_DELAY"]


def test_the_probes_of_a_worker_ask_where_it_listens(worker):
    assert option("--port", worker["args"]) == str(http_port(worker))


def test_a_stalled_process_logs_its_stack_before_it_is_killed(web):
    assert seconds(web["livenessProbe"]) > UPSTREAMS_TIMEOUTS["LOOP_STALL_EXIT"]


def test_the_bodies_of_all_requests_fit_into_tmp(compose, cluster, variables):
    (mount,) = compose["web"]["tmpfs"]
    (volume,) = [one for one in pod(cluster["Deployment", "web"])["volumes"] if one["name"] == "tmp"]
    # A form is there twice: as it came, and as the files that Django makes of it.
    bodies = 2 * UPSTREAMS_LIMITS["MAX_TOTAL_BODY_SIZE"] / 1024**2
    spare = 16
    processes = int(compose["web"]["environment"].get("WEB_CONCURRENCY", 1))
    assert int(mount.partition("size=")[2].removesuffix("m")) >= bodies * processes + spare
    size = volume["emptyDir"]["sizeLimit"].removesuffix("Mi")
    assert int(size) >= bodies * int(variables["WEB_CONCURRENCY"]) + spare


def test_what_clients_can_make_a_process_hold_fits_into_memory(compose, web, variables):
    needed = memory_of(conf.current().limits) / 1024**2
    processes = int(compose["web"]["environment"].get("WEB_CONCURRENCY", 1))
    assert int(compose["web"]["mem_limit"].removesuffix("m")) >= needed * processes
    memory = web["resources"]["limits"]["memory"].removesuffix("Mi")
    assert int(memory) >= needed * int(variables["WEB_CONCURRENCY"])


def seconds(probe):
    return probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)


def test_the_service_knows_how_many_pods_there_may_be(cluster, variables):
    assert int(variables["REPLICAS"]) == cluster["HorizontalPodAutoscaler", "web"]["spec"]["maxReplicas"]


def test_the_database_has_a_connection_for_every_pool(cluster, variables):
    surge = cluster["Deployment", "web"]["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    processes = (int(variables["REPLICAS"]) + surge) * int(variables["WEB_CONCURRENCY"])
    others = cluster["Deployment", "worker"]["spec"]["replicas"] + 1  # and the migration
    assert (processes + others) * int(variables["DATABASE_POOL"]) <= CONNECTIONS


def test_the_image_listens_on_the_port_that_all_others_use(web, compose):
    image = (ROOT / "Dockerfile").read_text()
    (port,) = re.findall(r'"--port", "(\d+)"', image)
    assert re.findall(r"EXPOSE (\d+)", image) == re.findall(r"'127.0.0.1', (\d+)", image) == [port]
    assert str(http_port(web)) == port
    assert option("--port", compose["worker"]["command"]) == port
    assert port in [listed.rpartition(":")[2] for listed in compose["web"]["ports"]]


def http_port(container):
    (port,) = [listed["containerPort"] for listed in container["ports"] if listed["name"] == "http"]
    return port


def option(name, command):
    return command[command.index(name) + 1]


def test_pods_run_as_the_user_of_the_image(cluster):
    (user,) = re.findall(r"USER (\d+):", (ROOT / "Dockerfile").read_text())
    users = {pod(one)["securityContext"]["runAsUser"] for one in cluster.values() if pod(one)}
    assert users == {int(user)}


def test_what_git_ignores_does_not_get_into_the_image():
    kept_out = (ROOT / ".dockerignore").read_text().splitlines()
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    names = [name.rstrip("/") for name in ignored if name and not name.startswith(("!", "#"))]
    # Docker's patterns begin at the root, where git's begin anywhere unless they have a slash.
    patterns = [name.removeprefix("/") if "/" in name else f"**/{name}" for name in names]
    assert [pattern for pattern in patterns if pattern not in kept_out] == []
