"""A team's first days in a generated project: an upstream of their own, then the example goes, by the README's words."""

import re
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from generation import INSTALLED, generate, name_of
from processes import Running, environment, free_port, run, wait_until
from test_first_page import ask

SUITE = 1200  # seconds, on a machine that has much else to do
ENTRY = re.compile(r"^ +\"github\": .*\n", re.MULTILINE)


@pytest.fixture(scope="module", params=INSTALLED, ids=name_of)
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the upstream that its README adds, as the command has written it."""
    project = generate(tmp_path_factory.mktemp("grown") / "out", {"project_name": "Orders", **request.param})
    run(["scripts/uv", "sync", "--quiet"], project, environment())
    (command,) = commands_below("## Add an upstream", project)
    printed = run(["sh", "-c", command], project, development())
    (entry,) = ENTRY.findall(printed)
    settings = project / "config" / "settings.py"
    settings.write_text(settings.read_text().replace("    {\n", f"    {{\n{entry}", 1))
    return project


@pytest.fixture(scope="module")
def without_the_example(grown: Path) -> Path:
    for command in commands_below("### Remove the example", grown):
        run(["sh", "-c", command], grown, development())
    return grown


def test_the_upstream_passes_lint_types_and_its_test_as_it_was_written(grown: Path) -> None:
    run(["make", "lint", "typecheck"], grown, environment())
    said = run([".venv/bin/pytest", "-q", "-n", "0", "services/tests/test_github.py"], grown, environment())
    assert "2 passed" in said


def test_the_service_boots_with_it(grown: Path, start: Callable[..., Running], tmp_path: Path) -> None:
    answers_at_livez(grown, start, tmp_path)


def test_nothing_is_left_of_the_example(without_the_example: Path) -> None:
    where = ["api", "config", "scripts", "services", "Procfile", ".env.example", "compose.yaml", "deploy"]
    command = ["grep", "-rliE", "--exclude-dir=__pycache__", "quotes|favourite", *where]
    named = subprocess.run(command, cwd=without_the_example, capture_output=True, text=True, check=False)
    assert named.stdout == ""


def test_style_types_and_imports_hold_without_the_example(without_the_example: Path) -> None:
    run(["make", "lint", "typecheck"], without_the_example, environment())
    run([".venv/bin/pytest", "-q", "-n", "0", "--collect-only"], without_the_example, environment())


@pytest.mark.parametrize("grown", INSTALLED[:1], indirect=True, ids=name_of)
def test_the_tests_hold_without_the_example(without_the_example: Path) -> None:
    run(["make", "test"], without_the_example, environment(), SUITE)


def test_the_service_boots_without_the_example(
    without_the_example: Path, start: Callable[..., Running], tmp_path: Path
) -> None:
    answers_at_livez(without_the_example, start, tmp_path)


def test_the_first_page_and_the_root_of_the_api_hold_without_the_example(without_the_example: Path) -> None:
    (page_status, page), (api_status, api) = ask(without_the_example, debug=True)
    assert (page_status, api_status) == (200, 200)
    assert "quotes/random" not in page + api
    assert ">/v1/<" in page


def test_a_release_without_an_image_is_served(
    without_the_example: Path, start: Callable[..., Running], tmp_path: Path
) -> None:
    *before, serve = [command.split() for command in commands_below("## Running", without_the_example)]
    port = free_port()
    (tmp_path / ".env").write_text(
        "SECRET_KEY=abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz\n"
        f"ALLOWED_HOSTS=127.0.0.1\nDATABASE_URL=sqlite:///{tmp_path}/db.sqlite3\n"
        f"BROKER_URL=amqp://nobody:nobody@127.0.0.1:{free_port()}\nFORWARDED_ALLOW_IPS=127.0.0.1\n"
    )
    env = environment(ENV_FILE=str(tmp_path / ".env"))
    for command in before:
        run(command, without_the_example, env)
    served = start([*serve, "--port", str(port)], without_the_example, env)
    secure = {"X-Forwarded-Proto": "https"}
    url = f"http://127.0.0.1:{port}"
    request = urllib.request.Request(f"{url}/static/admin/css/base.css", headers=secure)
    assert wait_until(lambda: status_of(f"{url}/readyz") == 200, 60), served.log.read_text()
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.headers["Content-Type"].startswith("text/css")
    served.terminate()
    assert served.everything_ends_within(30), served.left()


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return int(response.status)
    except OSError:
        return 0


def commands_below(heading: str, project: Path) -> list[str]:
    """The first block of commands below a heading of the README, a line each."""
    text = (project / "README.md").read_text()
    return text.partition(f"\n{heading}\n")[2].partition("```sh\n")[2].partition("```")[0].splitlines()


def development(**more: str) -> dict[str, str]:
    return environment(SECRET_KEY="k" * 50, DEBUG="true", **more)


def answers_at_livez(project: Path, start: Callable[..., Running], folder: Path) -> None:
    port = free_port()
    command = [".venv/bin/python", "manage.py", "serve", "--port", str(port)]
    running = start(command, project, development(DATABASE_URL=f"sqlite:///{folder}/db.sqlite3"))
    assert wait_until(lambda: "Uvicorn running" in running.log.read_text(), 60), running.log.read_text()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=10) as response:
        assert response.read() == b"alive\n"
    running.terminate()
    assert running.everything_ends_within(30), running.left()
