"""What the manifests do in a cluster: whom the network lets pods reach, what keeps a worker up, and a team's additions."""

import ipaddress
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from generation import DEPLOYED, generate, name_of
from processes import KUBECTL, environment, run, tool

pytestmark = pytest.mark.parametrize("combination", DEPLOYED, indirect=True, ids=name_of)
Manifest = dict[str, Any]

OVERLAY = "deploy/kubernetes/overlays/production"
SIDECAR = """
import sys, yaml
from pathlib import Path

file = Path("deploy/kubernetes/base", sys.argv[1])
objects = list(yaml.safe_load_all(file.read_text()))
(deployment,) = [one for one in objects if one["kind"] == "Deployment"]
pod = deployment["spec"]["template"]["spec"]
(service,) = pod["containers"]
service["env"] = [{"name": "GREETING", "value": "hello"}]
service["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
service["ports"].insert(0, {"name": "debug", "containerPort": 5678})
pod["containers"].insert(0, {"name": "proxy", "image": "proxy:1", "ports": [{"containerPort": 9901}]})
pod["initContainers"] = [{"name": "wait", "image": "service", "command": ["true"]}]
pod["volumes"] = [{"name": "data", "emptyDir": {}}]
pod["terminationGracePeriodSeconds"] = 30
file.write_text(yaml.safe_dump_all(objects))
"""
STEPS = """
patches:
  - target: { kind: Deployment, name: web }
    patch: |
      - { op: add, path: /spec/template/spec/containers/-, value: { name: proxy, image: "proxy:1" } }
      - { op: add, path: /metadata/annotations, value: { "example.com/team": a } }
      - { op: remove, path: /spec/revisionHistoryLimit }
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: worker }
      spec: { replicas: 3 }
"""
RENDER = f"""
import yaml; from pathlib import Path; from tests.kustomize import rendered
print(yaml.safe_dump_all(rendered(Path("{OVERLAY}"))))
"""


@pytest.fixture(scope="session")
def objects(project: Path) -> list[Manifest]:
    return kustomized(project)


def kustomized(project: Path) -> list[Manifest]:
    return list(yaml.safe_load_all(tool(*KUBECTL, "kustomize", OVERLAY, cwd=project)))


@pytest.mark.parametrize("protocol", ["UDP", "TCP"])
@pytest.mark.parametrize(
    "address", ["kube-system", "169.254.20.10", "169.254.25.10", "fd00::10", "fe80::a", "fd12:3456::a"]
)
def test_pods_may_ask_for_names(objects: list[Manifest], address: str, protocol: str) -> None:
    assert is_let_out(objects, address, 53, protocol)


@pytest.mark.parametrize("port", [443, 5432, 4317, 4318])
@pytest.mark.parametrize(
    "address", ["203.0.113.7", "10.1.2.3", "2001:db8::7", "fd12:3456::7", "another-namespace"]
)
def test_pods_may_reach_what_they_call(objects: list[Manifest], address: str, port: int) -> None:
    assert is_let_out(objects, address, port)


@pytest.mark.parametrize("address", ["10.1.2.3", "2001:db8::7", "another-namespace"])
def test_pods_may_reach_their_broker(
    objects: list[Manifest], combination: dict[str, str], address: str
) -> None:
    assert is_let_out(objects, address, 5672) == (combination["task_queue"] == "celery")


@pytest.mark.parametrize("port", [80, 443, 5432, 4318, 5672])
@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "64:ff9b::a9fe:a9fe", "fe80::a9fe:a9fe"]
)
def test_pods_may_not_reach_the_metadata_of_the_cloud(
    objects: list[Manifest], address: str, port: int
) -> None:
    assert not is_let_out(objects, address, port)


@pytest.mark.parametrize(
    ("address", "port", "protocol"),
    [("203.0.113.7", 53, "UDP"), ("203.0.113.7", 80, "TCP"), ("2001:db8::7", 22, "TCP")],
)
def test_pods_may_reach_nothing_else(objects: list[Manifest], address: str, port: int, protocol: str) -> None:
    assert not is_let_out(objects, address, port, protocol)


def is_let_out(objects: list[Manifest], where: str, port: int, protocol: str = "TCP") -> bool:
    """Whether a policy lets pods reach an address, or any pod of a namespace."""
    rules = [
        rule for one in objects if one["kind"] == "NetworkPolicy" for rule in one["spec"].get("egress", [])
    ]
    asked = {"port": port, "protocol": protocol}
    return any(asked in rule["ports"] and any(is_meant(peer, where) for peer in rule["to"]) for rule in rules)


def is_meant(peer: Manifest, where: str) -> bool:
    try:
        address = ipaddress.ip_address(where)
    except ValueError:
        labels = peer.get("namespaceSelector", {"matchLabels": None}).get("matchLabels", {})
        return labels in ({}, {"kubernetes.io/metadata.name": where})
    block = peer.get("ipBlock", {"cidr": "::/128"})
    inside, *outside = [ipaddress.ip_network(cidr) for cidr in (block["cidr"], *block.get("except", []))]
    return address in inside and not any(address in network for network in outside)


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_drain_and_a_lost_node_leave_a_pod(objects: list[Manifest], name: str) -> None:
    deployment = the("Deployment", name, objects)
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    budget = the("PodDisruptionBudget", name, objects)["spec"]
    assert (budget["maxUnavailable"], budget["selector"]["matchLabels"]) == (1, labels)
    spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert [one["topologyKey"] for one in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
    assert [one["labelSelector"]["matchLabels"] for one in spread] == [labels, labels]


def test_a_migration_can_be_made_again_by_whatever_applies_it(objects: list[Manifest]) -> None:
    job = the("Job", "migrate", objects)
    assert job["spec"]["ttlSecondsAfterFinished"] > job["spec"]["activeDeadlineSeconds"]
    assert job["metadata"]["annotations"] == {
        "argocd.argoproj.io/hook": "Sync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        "kustomize.toolkit.fluxcd.io/force": "enabled",
    }


def the(kind: str, name: str, objects: list[Manifest]) -> Manifest:
    (found,) = (one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


@pytest.fixture(params=["web.yaml", "worker.yaml", "the overlay"])
def extended(request: pytest.FixtureRequest, combination: dict[str, str], tmp_path: Path) -> Path:
    """A project whose team has added to the pods."""
    project = generate(tmp_path / "out", combination)
    if request.param == "the overlay":
        kustomization = project / OVERLAY / "kustomization.yaml"
        kustomization.write_text(kustomization.read_text().replace("\npatches:\n", STEPS, 1))
    else:
        run([sys.executable, "-c", SIDECAR, request.param], project, environment())
    return project


def test_what_a_team_adds_to_pods_breaks_no_test(extended: Path) -> None:
    ours = run([sys.executable, "-c", RENDER], extended, environment(PYTHONDONTWRITEBYTECODE="1"))
    assert pods(list(yaml.safe_load_all(ours))) == pods(kustomized(extended))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "tests/test_deploy.py",
    ]
    assert " passed" in run(command, extended, environment())


def pods(objects: list[Manifest]) -> dict[str, Manifest]:
    found = {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] in ("Deployment", "Job")}
    for spec in found.values():
        for container in spec["template"]["spec"]["containers"]:
            for source in container.pop("envFrom", []):
                assert source["configMapRef"]["name"].startswith("config")
    return found
