"""Traces and reports are extras: a variable that turns one on names the command, which is all that it takes."""

import shutil
from pathlib import Path

import pytest
from generation import INSTALLED, name_of
from processes import attempt, environment, free_port, run

OF_THE_DEFAULT = pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
NEW_HTTP_STACK = {"requests", "urllib3", "protobuf", "sentry_sdk"}
KEY = "k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz"
SWITCHES = [
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", "otlp"),
    ("OTEL_TRACES_EXPORTER", "OTEL_TRACES_EXPORTER", "console", "otlp"),
    ("SENTRY_DSN", "UPSTREAMS_SENTRY_DSN", "https://key@127.0.0.1/1", "sentry"),
]


@OF_THE_DEFAULT
def test_a_project_has_one_http_stack(installed: Path) -> None:
    folders = {path.name for path in installed.glob(".venv/lib/python3.*/site-packages/*")}
    assert folders & {"httpx2", *NEW_HTTP_STACK} == {"httpx2"}


@OF_THE_DEFAULT
@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
@pytest.mark.parametrize(("variable", "named", "value", "extra"), SWITCHES, ids=[row[0] for row in SWITCHES])
def test_a_variable_without_its_extra_names_the_command(
    installed: Path, command: str, variable: str, named: str, value: str, extra: str
) -> None:
    env = environment(SECRET_KEY=KEY, **{variable: value})
    done = attempt([".venv/bin/python", "manage.py", command], installed, env)
    sentence = f"error: {named} needs an extra: scripts/uv add 'django-upstreams[{extra}]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


@OF_THE_DEFAULT
def test_a_cache_that_the_image_would_lack_is_refused_in_development(installed: Path) -> None:
    env = environment(UPSTREAMS__QUOTES__CACHE="true", SECRET_KEY=KEY, DEBUG="true")
    done = attempt([".venv/bin/python", "manage.py", "check"], installed, env)
    assert done.returncode == 1
    assert (
        """UPSTREAMS["quotes"]["CACHE"] needs an extra: scripts/uv add 'django-upstreams[cache]'"""
        in done.stderr
    )


@OF_THE_DEFAULT
def test_the_command_adds_the_cache_to_the_image(installed: Path, tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns(".venv")
    project = Path(shutil.copytree(installed, tmp_path / "project", ignore=ignored, symlinks=True))
    run(["scripts/uv", "add", "--quiet", "--no-sync", "django-upstreams[cache]"], project, environment())
    run(["scripts/uv", "sync", "--quiet", "--locked", "--no-dev"], project, environment())
    env = environment(UPSTREAMS__QUOTES__CACHE="true", SECRET_KEY=KEY)
    assert "no issues" in run([".venv/bin/python", "manage.py", "check"], project, env)


@OF_THE_DEFAULT
def test_the_command_adds_what_is_locked_already(installed: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(installed, tmp_path / "project", symlinks=True))
    shutil.rmtree(project / ".venv")
    before = (project / "uv.lock").read_text().splitlines()
    run(
        ["scripts/uv", "add", "--quiet", "django-upstreams[otlp]", "django-upstreams[sentry]"],
        project,
        environment(),
    )
    after = (project / "uv.lock").read_text().splitlines()
    assert [line for line in after if line not in before and 'name = "django-upstreams"' not in line] == []
    variables = {variable: value for variable, _, value, _ in SWITCHES}
    env = environment(SECRET_KEY=KEY, ALLOWED_HOSTS="a.example", **variables)
    serve = [".venv/bin/python", "manage.py", "serve", "--check", "--port", str(free_port())]
    run([".venv/bin/python", "manage.py", "migrate"], project, env)
    run(serve, project, env)
