"""What CI does with a generated project, on GitHub and on GitLab, and what each commit is checked for."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from generation import INSTALLED, generate, name_of
from processes import environment, run, tool
from releases import changed, commit, git

SCHEMAS = "check-jsonschema==0.39.0"
WORKFLOW, PIPELINE = ".github/workflows/ci.yml", ".gitlab-ci.yml"


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("github") / "out", {"ci": "github"})


@pytest.fixture(scope="module")
def gitlab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("gitlab") / "out", {"ci": "gitlab"})


def test_a_project_has_the_files_of_its_own_ci_alone(github: Path, gitlab: Path) -> None:
    names = [".github", PIPELINE, "renovate.json"]
    assert [(github / name).exists() for name in names] == [True, False, False]
    assert [(gitlab / name).exists() for name in names] == [False, True, True]


def test_zizmor_finds_nothing(github: Path) -> None:
    said = tool("zizmor==1.32.0", "zizmor", "--offline", "--persona", "auditor", str(github / ".github"))
    assert "No findings to report" in said
    assert {"ci.yml", "dependabot.yml"} == set(re.findall(r"completed .*/([a-z.]+)", said))


def test_actions_are_pinned_by_sha(github: Path) -> None:
    uses = re.findall(r"uses: (.*)", (github / WORKFLOW).read_text())
    assert [one for one in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
    assert len(uses) > 0


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", WORKFLOW),
        ("custom.github-workflows-require-timeout", WORKFLOW),
        ("vendor.dependabot", ".github/dependabot.yml"),
    ],
)
def test_github_would_take_the_files(github: Path, schema: str, file: str) -> None:
    tool(SCHEMAS, "check-jsonschema", "--builtin-schema", schema, str(github / file))


@pytest.mark.parametrize(
    ("schema", "file", "options"),
    [
        ("vendor.gitlab-ci", PIPELINE, ["--data-transform", "gitlab-ci"]),
        ("vendor.renovate", "renovate.json", []),
    ],
)
def test_gitlab_would_take_the_files(gitlab: Path, schema: str, file: str, options: list[str]) -> None:
    tool(SCHEMAS, "check-jsonschema", "--builtin-schema", schema, *options, str(gitlab / file))


def test_both_run_the_same_commands_which_exist(github: Path, gitlab: Path) -> None:
    files = (github / WORKFLOW, gitlab / PIPELINE)
    run_by = [re.findall(r"(?:run:|-) (make .*)", file.read_text()) for file in files]
    assert run_by[0] == run_by[1]
    assert run_by[0] == ["make check", "make audit", "make test-next"]
    run(["make", "-n", "check", "audit", "test-next"], github, environment())


def test_a_first_push_has_what_ci_installs(github: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(github, tmp_path / "project"))
    git("init", "-q", at=project)
    commit(project, "generated")
    git("clone", "-q", str(project), str(tmp_path / "clone"), at=tmp_path)
    workflow = yaml.safe_load((tmp_path / "clone" / WORKFLOW).read_text())
    assert workflow["env"] == {"UV_LOCKED": "1"}
    run(["make", "lint"], tmp_path / "clone", environment(**workflow["env"]))
    assert changed(tmp_path / "clone") == []


@pytest.fixture
def docker(tmp_path: Path) -> dict[str, str]:
    """An environment whose `docker` writes its arguments instead."""
    (tmp_path / "docker").write_text('#!/bin/sh\nfor word; do printf "%s|" "$word"; done; echo\n')
    (tmp_path / "docker").chmod(0o755)
    env = environment()
    return {**env, "PATH": f"{tmp_path}:{env['PATH']}"}


def test_postgresql_is_that_of_compose(github: Path, gitlab: Path, docker: dict[str, str]) -> None:
    image = yaml.safe_load((github / "compose.yaml").read_text())["services"]["database"]["image"]
    job = yaml.safe_load((github / WORKFLOW).read_text())["jobs"]["check"]
    (step,) = [step["run"] for step in job["steps"] if "postgres" in step.get("run", "")]
    start, wait = run(["bash", "-e", "-c", step], github, docker).splitlines()
    assert start.split("|")[:2] == ["run", "--name"]
    assert start.split("|")[-2] == image
    assert wait == "exec|postgres|pg_isready|--host=127.0.0.1|"
    (service,) = yaml.safe_load((gitlab / PIPELINE).read_text())["check"]["services"]
    assert service["name"] == image


def test_python_is_the_same_everywhere(github: Path, gitlab: Path) -> None:
    version = (github / ".python-version").read_text().strip()
    images = re.findall(r"^FROM python:(\S+)", (github / "Dockerfile").read_text(), re.MULTILINE)
    assert images == [f"{version}-slim-trixie"]
    assert yaml.safe_load((gitlab / PIPELINE).read_text())["default"]["image"] == f"python:{images[0]}"
    # uv reads the file, where nothing else names a version.
    assert re.findall(r"python-version:|UV_PYTHON", (github / WORKFLOW).read_text()) == []


def test_github_keeps_packages_and_layers(github: Path) -> None:
    jobs = yaml.safe_load((github / WORKFLOW).read_text())["jobs"]
    for name in ("check", "audit", "next-django"):
        assert [step for step in jobs[name]["steps"] if "astral-sh/setup-uv@" in step.get("uses", "")] != []
    (options,) = [
        step["with"] for step in jobs["build-image"]["steps"] if "build-push" in step.get("uses", "")
    ]
    assert options["cache-from"] == "type=gha"
    assert options["cache-to"].startswith("type=gha,mode=max")


@pytest.mark.parametrize("registry", ["", "registry.example/team/quotes"])
def test_gitlab_keeps_packages_and_layers(gitlab: Path, docker: dict[str, str], registry: str) -> None:
    pipeline = yaml.safe_load((gitlab / PIPELINE).read_text())
    assert pipeline["default"]["cache"] == {"key": {"files": ["uv.lock"]}, "paths": [".uv.cache"]}
    assert pipeline["variables"]["UV_CACHE_DIR"] == "$CI_PROJECT_DIR/.uv.cache"
    job = pipeline["build-image"]
    script = "\n".join([*job["before_script"], *job["script"]])
    variables = {"CI_REGISTRY_IMAGE": registry, "CI_REGISTRY_PASSWORD": "word"}
    said = run(["sh", "-e", "-c", script], gitlab, {**docker, **variables}).splitlines()
    layers = f"type=registry,ref={registry}/layers"
    caches = f"--cache-from|{layers}|--cache-to|{layers},mode=max,ignore-error=true|" if registry else ""
    certificates = docker.get("SSL_CERT_FILE", "/dev/null")
    secrets = (
        f"--secret|id=UV_DEFAULT_INDEX,env=UV_DEFAULT_INDEX|--secret|id=SSL_CERT_FILE,src={certificates}|"
    )
    assert said[-1] == f"buildx|build|--tag|service|{caches}{secrets}.|"
    assert [line.startswith("login|") for line in said].count(True) == bool(registry)


def test_each_image_is_where_a_bot_looks(github: Path, gitlab: Path) -> None:
    bot = yaml.safe_load((github / ".github" / "dependabot.yml").read_text())
    kinds = {one["package-ecosystem"] for one in bot["updates"]}
    assert kinds == {"uv", "github-actions", "docker", "docker-compose"}
    # Dependabot reads FROM alone.
    assert re.findall(r"--from=\S*[:/]", (github / "Dockerfile").read_text()) == []
    # Registries have no date for a digest: Renovate would wait for one for ever.
    renovate = json.loads((gitlab / "renovate.json").read_text())
    assert "config:best-practices" in renovate["extends"]  # with docker:pinDigests
    assert renovate["minimumReleaseAgeBehaviour"] == "timestamp-optional"


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
def test_the_next_django_has_an_environment_of_its_own(installed: Path) -> None:
    few = "--collect-only --numprocesses=0 --quiet"
    said = run(["make", "test-next"], installed, environment(PYTEST_ADDOPTS=few, UV_LOCKED="1"))
    assert "tests collected" in said
    version = "import django; print(django.VERSION >= (6, 1))"
    assert run([".uv/next/bin/python", "-c", version], installed, environment()) == "True\n"


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
def test_a_commit_is_checked_by_the_projects_own_tools(installed: Path) -> None:
    for command in (["init", "-q"], ["add", "-A"]):
        run(["git", *command], installed, environment())
    said = tool("pre-commit==4.7.0", "pre-commit", "run", "--all-files", cwd=installed)
    assert said.count("Passed") == 4
