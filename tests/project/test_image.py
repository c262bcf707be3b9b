"""The image of a generated project, as far as it can be shown without an engine: see tests/project/image.py."""

import json
import re
import shutil
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from generation import DEPLOYED, name_of
from image import Image, build, can_run
from processes import Running, attempt, environment, free_port, run, wait_until

pytestmark = pytest.mark.skipif(not can_run(), reason="needs root, to change roots and users")
OF_THE_DEFAULT = pytest.mark.parametrize("installed", DEPLOYED[:1], indirect=True, ids=name_of)
OF_EACH_QUEUE = pytest.mark.parametrize("installed", DEPLOYED, indirect=True, ids=name_of)

ANYBODY = "54321:0"  # OpenShift, say, takes a user of its own choice
CANARY = "this must not get into an image"
STARTED, ENDED = 60, 60  # seconds


@pytest.fixture(scope="module")
def context(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout by somebody with the umask 077, who has worked in it."""
    folder = tmp_path_factory.mktemp("context") / "project"
    shutil.copytree(installed, folder, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    for name in (".env", ".env.production", "db.sqlite3", "api/.env", ".venv"):
        (folder / name).write_text(CANARY)
    run(["chmod", "-R", "go-rwx", str(folder)], folder, environment())
    return folder


@pytest.fixture(scope="module")
def image(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    cache = run(["uv", "cache", "dir"], context, environment()).strip()
    root = tmp_path_factory.mktemp("image")
    for folder in (root, *root.parents[:2]):
        folder.chmod(0o755)
    yield build(context, root, Path(cache))
    shutil.rmtree(root)  # pytest keeps the last three, and this is large


@pytest.fixture
def tmp(tmp_path: Path) -> Path:
    """For /tmp, the one place that can be written to."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)
    return tmp_path / "tmp"


@pytest.fixture
def variables(image: Image) -> dict[str, str]:
    return image.environment(
        SECRET_KEY="k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
        ALLOWED_HOSTS="api.example.com",
        FORWARDED_ALLOW_IPS="127.0.0.1",
        DATABASE_URL="sqlite:////tmp/db.sqlite3",
        BROKER_URL=f"amqp://127.0.0.1:{free_port()}//",
        UPSTREAMS__QUOTES__BASE_URL=f"http://127.0.0.1:{free_port()}",
    )


@pytest.fixture
def ready(installed: Path) -> int:
    """What a worker says to those who ask whether it can work: it has a database here, and no broker."""
    answers = json.loads((installed / ".cruft.json").read_text())["context"]["cookiecutter"]
    return {"database": 200, "celery": 503}[answers["task_queue"]]


@OF_THE_DEFAULT
def test_nothing_of_a_developers_machine_is_in_the_image(image: Image) -> None:
    found = attempt(["grep", "-rl", CANARY, str(image.root)], image.root, environment())
    assert (found.returncode, found.stdout) == (1, "")
    assert not (image.root / "app" / "tests").exists()


@OF_THE_DEFAULT
def test_no_key_of_the_build_is_left_in_the_image(image: Image) -> None:
    assert "SECRET_KEY" not in image.env


@OF_THE_DEFAULT
def test_anybody_can_read_the_tree_and_nobody_can_write_to_it(
    image: Image, variables: dict[str, str]
) -> None:
    find = ["find", "/app", "(", "-writable", "-o", "!", "-readable", ")"]
    assert run(image.process(find, user=ANYBODY), image.root, variables) == ""


@OF_THE_DEFAULT
def test_all_modules_are_compiled(image: Image) -> None:
    modules = [path for path in (image.root / "app").rglob("*.py") if path.parent.name != "bin"]
    assert len(modules) > 1000
    assert [path for path in modules if not is_compiled(path)] == []


def is_compiled(module: Path) -> bool:
    return any((module.parent / "__pycache__").glob(f"{module.stem}.*.pyc"))


@OF_EACH_QUEUE
def test_the_image_serves_as_anybody_on_a_read_only_tree(
    image: Image, variables: dict[str, str], tmp: Path, start: Callable[..., Running]
) -> None:
    port = str(free_port())
    command, health = on(port, image.entrypoint + image.command), on(port, image.health)

    def process(command: list[str]) -> list[str]:
        return image.process(command, tmp, ANYBODY)

    run(process([*image.entrypoint, "migrate", "--no-input"]), image.root, variables)
    upstream = str(urlsplit(variables["UPSTREAMS__QUOTES__BASE_URL"]).port)
    start(process([*image.entrypoint, "mockupstreams", "quotes", "--port", upstream]), image.root, variables)
    web = start(process(command), image.root, variables)
    assert wait_until(lambda: ask(port, "/readyz")[0] == 200, STARTED), web.log.read_text()
    assert ask(port, "/livez")[0] == 200
    run(process(health), image.root, variables)
    assert wait_until(lambda: ask(port, "/v1/quotes/random")[0] == 200, STARTED), web.log.read_text()
    status, page = ask(port, "/admin/login/")
    (styles,) = re.findall(r'"(/static/admin/css/base\.[0-9a-f]{12}\.css)"', page)
    assert (status, ask(port, styles)[0]) == (200, 200)
    leave(web)
    assert wait_until(lambda: ask(port, "/readyz")[0] == 503, STARTED), web.log.read_text()
    assert web.process.wait(ENDED) == 0, web.log.read_text()
    assert attempt(process(health), image.root, variables).returncode != 0


@OF_EACH_QUEUE
def test_a_worker_runs_in_the_same_image_and_ends_when_told_to(
    image: Image, variables: dict[str, str], tmp: Path, start: Callable[..., Running], ready: int
) -> None:
    port = str(free_port())
    run(image.process([*image.entrypoint, "migrate"], tmp, ANYBODY), image.root, variables)
    command = [*image.entrypoint, "worker", "--host", "0.0.0.0", "--port", port]
    worker = start(image.process(command, tmp, ANYBODY), image.root, variables)
    assert wait_until(lambda: ask(port, "/readyz")[0] == ready, STARTED), worker.log.read_text()
    run(image.process(on(port, image.health), tmp, ANYBODY), image.root, variables)
    leave(worker)
    assert worker.process.wait(ENDED) == 0, worker.log.read_text()


def on(port: str, command: list[str]) -> list[str]:
    return [word.replace("8000", port) for word in command]


def leave(running: Running) -> None:
    """SIGTERM to process 1, as an engine sends it: there only a handler of its own ends a process."""
    (first,) = psutil.Process(running.process.pid).children()
    status = Path(f"/proc/{first.pid}/status").read_text()
    assert re.search(r"^NSpid:.*\t1$", status, re.MULTILINE), status
    first.send_signal(signal.SIGTERM)


def ask(port: str, path: str) -> tuple[int, str]:
    """Status and body of what a client gets through a proxy that ends TLS; 0 without an answer."""
    headers = {"Host": "api.example.com", "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""
