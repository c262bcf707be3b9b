"""Django's own tests of its ASGI handler and of the middleware, against ours."""

import json
import tarfile
from pathlib import Path

import pytest
from generation import INSTALLED, name_of
from processes import environment, run

RUN = Path(__file__).parent / "django_suite" / "run.py"
MIDDLEWARE = [
    "auth_tests.test_middleware",
    "csrf_tests",
    "decorators.test_clickjacking",
    "decorators.test_csp",
    "messages_tests",
    "middleware",
    "sessions_tests",
]

pytestmark = pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)


@pytest.fixture(scope="session")
def django_tests(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests of the Django that a generated project installs; they are in its sdist alone."""
    folder = tmp_path_factory.mktemp("django")
    python = str(installed / ".venv" / "bin" / "python")
    version = run(
        [python, "-c", "import django; print(django.__version__)"], installed, environment()
    ).strip()
    pip = ["scripts/uv", "run", "--quiet", "--no-project", "--with", "pip", "python", "-m", "pip"]
    download = ["download", "--quiet", "--no-deps", "--no-binary", "django", "--dest", str(folder)]
    run([*pip, *download, f"django=={version}"], installed, environment())
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as sdist:
        sdist.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz") / "tests"


@pytest.mark.parametrize(
    ("labels", "form", "least"),
    [
        (["asgi", "staticfiles_tests.test_handlers"], {}, 40),
        (MIDDLEWARE, {}, 1000),
        (MIDDLEWARE, {"ASYNC": "1"}, 1000),
    ],
    ids=["the handler", "the middleware", "the middleware on an event loop"],
)
def test_djangos_own_tests_pass(
    installed: Path, django_tests: Path, tmp_path: Path, labels: list[str], form: dict[str, str], least: int
) -> None:
    report = tmp_path / "report.json"
    command = [str(installed / ".venv" / "bin" / "python"), "-B", str(RUN), str(report), *labels]
    run(command, django_tests, environment(PYTHONPATH=str(installed), **form))
    counts = json.loads(report.read_text())
    assert counts["bad"] == []
    assert counts["run"] >= least
