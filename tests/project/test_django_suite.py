"""Django's own tests of its ASGI handler and of the middleware, against those of the package.

They run with this suite's own Python, in which the package is installed.
"""

import json
import sys
import tarfile
from pathlib import Path

import django
import pytest
from generation import ROOT
from processes import environment, run

RUN = Path(__file__).parent / "django_suite" / "run.py"
MIDDLEWARE = [
    "auth_tests.test_middleware",
    "csrf_tests",
    "decorators.test_clickjacking",
    "decorators.test_csp",
    "i18n.patterns",
    "i18n.tests",
    "messages_tests",
    "middleware",
    "sessions_tests",
]


@pytest.fixture(scope="session")
def django_tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests of the installed Django; they are in its sdist alone."""
    folder = tmp_path_factory.mktemp("django")
    pip = ["scripts/uv", "run", "--quiet", "--no-project", "--with", "pip", "python", "-m", "pip"]
    download = ["download", "--quiet", "--no-deps", "--no-binary", "django", "--dest", str(folder)]
    run([*pip, *download, f"django=={django.get_version()}"], ROOT, environment())
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
    django_tests: Path, tmp_path: Path, labels: list[str], form: dict[str, str], least: int
) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-B", str(RUN), str(report), *labels]
    run(command, django_tests, environment(**form))
    counts = json.loads(report.read_text())
    assert counts["bad"] == []
    assert counts["run"] >= least
