"""The test kit in a plain project: with Django's test runner, and with pytest, with and without its plugins."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

PLAIN = Path("testproject/plain").resolve()
UNMOCKED = (
    '{0} was called without a mock, by GET {1}: ask for mock_upstream("{0}"), '
    'e.g. mock = self.enterContext(mock_upstream("{0}")); mock.get("{1}").json({{…}})'
)
IN_PYTEST = (
    "quotes was called without a mock, by GET random: "
    'ask for upstream_mock("quotes"), e.g. upstream_mock("quotes").get("random").json({…})'
)
WITHOUT_RESPONSE = (
    'quotes was called by GET random, but its mock has no response: add .get("random").json({…})'
)
OTHER_ROUTES = (
    "quotes was called by GET random, but its mock has only GET randm, POST likes: "
    'add .get("random").json({…})'
)
UNKNOWN = "upstream qoutes: not in settings.UPSTREAMS; did you mean 'quotes'?"
MESSAGES = {
    "test_unexpected_request": WITHOUT_RESPONSE,
    "test_unexpected_request_that_a_view_catches": WITHOUT_RESPONSE,
    "test_other_routes": OTHER_ROUTES,
    "test_call_without_a_mock": UNMOCKED.format("quotes", "random"),
    "test_call_that_a_view_catches": UNMOCKED.format("quotes", "random"),
    "test_call_in_a_live_server": UNMOCKED.format("quotes", "random"),
    "test_call_of_a_development_server": UNMOCKED.format("local", "one"),
    "test_call_beside_a_mock": UNMOCKED.format("rates", "eur"),
    "test_unknown_upstream": UNKNOWN.replace(": not in", ": GET random: not in"),
    "test_mock_of_an_unknown_upstream": UNKNOWN,
    "test_connection": "tests may not connect to 192.0.2.1: mock it, or add it to UPSTREAMS_TEST_HOSTS",
    "test_lookup": "tests may not connect to example.com: mock it, or add it to UPSTREAMS_TEST_HOSTS",
}


def run(*command, cwd=PLAIN, **env):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO", "PYTEST"))}
    own = {"CI": "true", "PYTHONDONTWRITEBYTECODE": "1", **env}  # without CI, pytest shortens lines
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=kept | own,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def run_pytest(*arguments, cwd=PLAIN):
    return run("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-rfE", *arguments, cwd=cwd)


@pytest.mark.parametrize(
    ("arguments", "start_method"),
    [((), "fork"), (("--parallel", "2"), "fork"), (("--parallel", "2"), "spawn")],
    ids=["one process", "forked processes", "spawned processes"],
)
def test_unittest(arguments, start_method):
    output = run("-W", "error", "manage.py", "test", *arguments, "unittest_good", START_METHOD=start_method)
    assert "\nRan 16 tests in " in output
    assert "\nOK\n" in output


@pytest.fixture(scope="module")
def wrong():
    return run("manage.py", "test", "unittest_wrong").split("=" * 70)


@pytest.mark.parametrize(("test", "message"), MESSAGES.items())
def test_unittest_names_the_mistake(wrong, test, message):
    (failure,) = [part for part in wrong if f": {test} (" in part]
    assert re.search(rf"\w: {re.escape(message)}( \(called at .*\.py:\d+\))?\n", failure)


def test_without_the_runner_mocks_still_refuse_other_upstreams():
    runner = "--testrunner=django.test.runner.DiscoverRunner"
    output = run("manage.py", "test", runner, "unittest_wrong.Wrong.test_call_beside_a_mock")
    assert MESSAGES["test_call_beside_a_mock"] in output


def test_pytest():
    output = run_pytest("pytest_good.py", "pytest_async.py")
    assert "= 8 passed in " in output
    assert "\nupstreams: " not in output


def test_pytest_names_the_mistake():
    output = run_pytest("pytest_wrong.py")
    assert "\nERROR pytest_wrong" not in output
    for line in (
        f"FAILED pytest_wrong.py::test_call_without_a_mock - AssertionError: {IN_PYTEST}",
        f"FAILED pytest_wrong.py::test_call_that_a_view_catches - AssertionError: {IN_PYTEST}",
        f"FAILED pytest_wrong.py::test_call_with_the_client - AssertionError: {IN_PYTEST}",
        f"FAILED pytest_wrong.py::test_other_routes - AssertionError: {OTHER_ROUTES}",
        f"FAILED pytest_wrong.py::test_unexpected_request - AssertionError: {WITHOUT_RESPONSE}",
        "FAILED pytest_wrong.py::Wrong::test_call_that_a_view_catches - AssertionError: "
        + UNMOCKED.format("quotes", "random"),
        "FAILED pytest_wrong.py::test_unknown_upstream - upstreams.core.errors.UnknownUpstream: "
        + MESSAGES["test_unknown_upstream"],
        f"FAILED pytest_wrong.py::test_mock_of_an_unknown_upstream - LookupError: {UNKNOWN}",
    ):
        assert line in output


def test_pytest_without_pytest_asyncio():
    output = run_pytest("-p", "no:asyncio", "pytest_good.py")
    assert "= 5 passed in " in output
    assert (
        "\nupstreams: no fixtures lifespan, aclient and background_done: install pytest-asyncio\n" in output
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "idle: Django has no settings; set DJANGO_SETTINGS_MODULE"),
        (["-p", "no:django"], "idle: install pytest-django"),
        (["--ds", "bare"], 'idle: add "upstreams" to INSTALLED_APPS'),
    ],
)
def test_pytest_where_the_package_is_not_used(tmp_path, arguments, sentence):
    (tmp_path / "test_one.py").write_text("def test_one(): pass")
    (tmp_path / "bare.py").write_text("SECRET_KEY = 'only-for-tests'")
    output = run_pytest(*arguments, "-o", "pythonpath=.", cwd=tmp_path)
    assert f"\nupstreams: {sentence}\n" in output
    assert "= 1 passed in " in output


def test_offline(tmp_path):
    test = "import socket\ndef test_one(): socket.create_connection(('192.0.2.1', 80), timeout=1)"
    (tmp_path / "test_one.py").write_text(test)
    (tmp_path / "conftest.py").write_text("pytest_plugins = ['upstreams.testing.offline']")
    (tmp_path / "bare.py").write_text("SECRET_KEY = 'only-for-tests'")
    output = run_pytest("--ds", "bare", "-o", "pythonpath=.", cwd=tmp_path)
    assert f"OSError: {MESSAGES['test_connection']}" in output


def test_importing_the_kit_does_not_import_django():
    code = "import sys, upstreams.testing; print('django' in sys.modules)"
    assert run("-c", code) == "False\n"


def test_every_public_name_can_be_imported():
    code = "from upstreams.testing import *; print(mock_upstream.__name__, Loopback.__name__)"
    assert run("-c", code, DJANGO_SETTINGS_MODULE="settings") == "mock_upstream Loopback\n"
