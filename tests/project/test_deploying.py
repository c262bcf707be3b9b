"""What the generated README says about deploying, as far as it can be run without an engine and a cluster."""

import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml
from generation import DEPLOYED, PACKAGE, generate, name_of
from processes import COMPOSE, KUBECTL, environment, run, tool

pytestmark = pytest.mark.parametrize("combination", DEPLOYED, indirect=True, ids=name_of)

SECRETS = {"database": ["POSTGRES_PASSWORD"], "celery": ["POSTGRES_PASSWORD", "RABBITMQ_PASSWORD"]}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def project(combination: dict[str, str], tmp_path: Path) -> Path:
    """One for each test, which may write into it."""
    return generate(tmp_path / "out", combination)


@pytest.fixture
def section(project: Path) -> str:
    return (project / "README.md").read_text().partition("\n## Deploying\n")[2].partition("\n## ")[0]


@pytest.fixture
def commands(section: str) -> list[list[str]]:
    blocks = [text for kind, text in FENCE.findall(section) if kind == "sh"]
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_nothing_but_these_programs_is_needed(commands: list[list[str]]) -> None:
    assert {command[0] for command in commands} == {"cp", "curl", "docker", "kubectl"}


def test_the_image_is_built_from_the_folder_of_the_project(commands: list[list[str]], project: Path) -> None:
    # tests/test_image.py runs the steps of the Dockerfile.
    (build,) = [command for command in commands if command[:2] == ["docker", "build"]]
    assert build == ["docker", "build", "--tag", project.name, "."]


def test_compose_takes_the_copied_variables(commands: list[list[str]], project: Path) -> None:
    (copy,) = [command for command in commands if command[0] == "cp"]
    run(copy, project, environment())
    (file,) = {command[3] for command in commands if command[:3] == ["docker", "compose", "--env-file"]}
    said = tool(*COMPOSE, "--env-file", file, "config", cwd=project)
    services = yaml.safe_load(said)["services"]
    assert services["web"]["environment"]["SECRET_KEY"] == "change-me"
    assert services["web"]["environment"]["DATABASE_URL"] == (
        "postgresql://service:change-me@database:5432/service"
    )
    assert services["database"]["environment"]["POSTGRES_PASSWORD"] == "change-me"


def test_a_secret_in_single_quotes_is_the_same_for_compose_and_for_the_service(project: Path) -> None:
    secret = "a$HOME-${USER}-$$" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
    (project / ".env.production").write_text(
        f"SECRET_KEY='{secret}'\nPOSTGRES_PASSWORD=p\nRABBITMQ_PASSWORD=p\n"
    )
    taken = tool(*COMPOSE, "--env-file", ".env.production", "config", cwd=project)
    of_compose = yaml.safe_load(taken)["services"]["web"]["environment"]["SECRET_KEY"]
    script = "from upstreams.environ import Env; print(Env.read().secret_key)"
    env = environment(ENV_FILE=".env.production", PYTHONPATH=str(PACKAGE / "src"))
    of_service = run([sys.executable, "-c", script], project, env).strip()
    # `config` writes each $ twice, for Compose to read it again.
    assert (of_compose.replace("$$", "$"), of_service) == (secret, secret)


def test_compose_says_which_secret_is_missing(project: Path, combination: dict[str, str]) -> None:
    *others, last = SECRETS[combination["task_queue"]]
    (project / ".env.production").write_text("".join(f"{name}=a-password\n" for name in others))
    said = rf"{last} is missing a value: write it into \.env\.production"
    with pytest.raises(AssertionError, match=said):
        tool(*COMPOSE, "--env-file", ".env.production", "config", cwd=project)


def test_the_options_of_compose_and_kubectl_exist(commands: list[list[str]], project: Path) -> None:
    # A wrong option is refused before --help is looked at.
    (project / ".env.production").touch()
    helped = [
        tool(*COMPOSE, *up_to_help(command[2:]), cwd=project)
        for command in commands
        if command[:2] == ["docker", "compose"]
    ]
    helped += [tool(*KUBECTL, *up_to_help(command[1:])) for command in commands if command[0] == "kubectl"]
    assert len(helped) == 8
    assert all("Usage:" in said for said in helped)


def up_to_help(command: list[str]) -> list[str]:
    # What follows `exec` is the container's.
    return [*(command[: command.index("exec") + 1] if "exec" in command else command), "--help"]


def test_the_secret_is_the_one_that_pods_mount(commands: list[list[str]], project: Path) -> None:
    (create,) = [command for command in commands if "secret" in command]
    (project / ".env.production").write_text("SECRET_KEY=k\n")
    secret = yaml.safe_load(tool(*KUBECTL, *create[1:], "--dry-run=client", "--output=yaml", cwd=project))
    folder = project / "deploy" / "kubernetes" / "base"
    volumes = yaml.safe_load((folder / "pod.yaml").read_text())["spec"]["template"]["spec"]["volumes"]
    assert {
        "name": "secrets",
        "secret": {"secretName": secret["metadata"]["name"], "defaultMode": 0o440},
    } in volumes
    assert (
        "ENV_FILE=/run/secrets/service/" + next(iter(secret["data"])) in (folder / "config.env").read_text()
    )


def test_the_overlay_makes_what_the_commands_ask_for(commands: list[list[str]], project: Path) -> None:
    (apply,) = [command for command in commands if command[:2] == ["kubectl", "apply"]]
    objects = list(yaml.safe_load_all(tool(*KUBECTL, "kustomize", apply[-1], cwd=project)))
    names = {f"{one['kind'].lower()}/{one['metadata']['name']}" for one in objects}
    asked = {word for command in commands for word in command if re.fullmatch(r"(job|deployment)/\w+", word)}
    namespaces = {command[2] for command in commands if command[:2] == ["kubectl", "--namespace"]}
    assert asked == {"job/migrate", "deployment/web"}
    assert asked <= names
    assert {f"namespace/{name}" for name in namespaces} <= names


def test_prometheus_asks_the_pods_of_the_service(section: str, project: Path) -> None:
    (text,) = [text for kind, text in FENCE.findall(section) if kind == "yaml"]
    (job,) = yaml.safe_load(text)["scrape_configs"]
    (pods,) = job["kubernetes_sd_configs"]
    assert pods["namespaces"]["names"] == [project.name]
    assert pods["selectors"] == [{"role": "pod", "label": "app.kubernetes.io/name in (web, worker)"}]


@pytest.mark.parametrize(
    ("slug", "namespace"), [("quotes_service", "quotes-service"), ("a" * 40, "a" * 40)], ids=["_", "long"]
)
def test_every_name_of_a_project_is_one_for_kubernetes(
    combination: dict[str, str], slug: str, namespace: str, tmp_path: Path
) -> None:
    made = generate(tmp_path / "out", {**combination, "project_slug": slug})
    said = tool(*KUBECTL, "kustomize", "deploy/kubernetes/overlays/staging", cwd=made)
    assert f"namespace: {namespace}-staging\n" in said
