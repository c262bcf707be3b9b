"""Cassettes without pytest: recorded by `manage.py test --record`, replayed when the upstream has stopped."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from unittest import TestCase

import pytest
from django.core.management import CommandError
from upstreams.testing import Loopback, upstream_cassette
from upstreams.testing.cassettes import marked
from upstreams.testing.cassettes.summary import summary
from upstreams.testing.runner import UpstreamsTestRunner

from testing.cassettes.conftest import OF_UPSTREAM, SECRETS, Echo, Project, scripted

pytestmark = pytest.mark.processes
OURS = 'TEST_RUNNER = "upstreams.testing.runner.UpstreamsTestRunner"\n'
BOTH = ["--record=rates", "--record=down"]


def run(project, *arguments, **env):
    return project.run("-m", "django", "test", "--settings=settings", *arguments, **env)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cassettes") / "project"
    shutil.copytree(Path(__file__).parent / "project", folder)
    (folder / "case_tests.py").rename(folder / "test_cases.py")
    settings = folder / "settings.py"
    settings.write_text(settings.read_text().replace("DATABASES", f"{OURS}DATABASES"))
    with Loopback() as gone:
        down = gone.url
    with scripted(Echo()) as server:
        project = Project(folder, {"RATES_URL": server.url, "DOWN_URL": down})
        output = run(project, "--parallel=2", *BOTH, **SECRETS)
    return project, output


@pytest.fixture
def project(recorded, tmp_path):
    return recorded[0].copied(tmp_path)


def test_the_tests_pass_against_the_real_upstream_in_several_processes(recorded):
    project, output = recorded
    assert "Ran 8 tests in " in output
    assert "\nOK\n" in output, output
    file = "cassettes/test_cases/ViewTests.test_view.yaml"
    assert f"cassettes: rates, 1 exchange recorded in {file}\n" in output
    files = [file.read_text("utf-8") for file in project.folder.rglob("*.yaml")]
    assert len(files) == 7
    secrets = [text for text in (*SECRETS.values(), *OF_UPSTREAM) if text in "".join(files)]
    assert secrets == []


def test_the_same_tests_pass_without_it(project):
    output = run(project)
    assert "\nOK\n" in output, output
    assert f"cassettes: rates, recorded {datetime.now(UTC):%Y-%m-%d}, today\n" in output


def test_a_change_is_shown_with_the_command_that_records(project):
    (project.folder / "cassettes/test_cases/ViewTests.test_view.yaml").unlink()
    output = run(project, BASE="usd")
    test = "test_cases.ViewTests.test_view"
    file = "cassettes/test_cases/ViewTests.test_view.yaml"
    missing = f"upstream rates is not recorded in {file}; run manage.py test --record rates '{test}'"
    assert f"AssertionError: {missing}\n" in output
    assert "if that is right, run manage.py test --record rates\n--- recorded\n+++ sent\n" in output
    assert "-path: convert?base=eur\n+path: convert?base=usd\n" in output
    assert "FAILED (failures=2)" in output


def test_another_runner_reads_the_variable(project):
    settings = project.folder / "settings.py"
    settings.write_text(settings.read_text().replace(OURS, ""))
    with scripted(Echo()) as server:
        env = {"RATES_URL": server.url, "UPSTREAMS_RECORD": "rates", **SECRETS}
        output = run(project, "test_cases.CallTests.test_request", BASE="usd", **env)
    assert "\nOK\n" in output, output
    assert "path: convert?base=usd" in (
        project.folder / "cassettes/test_cases/CallTests.test_request.yaml"
    ).read_text("utf-8")
    output = run(project, "test_cases.CallTests.test_request")
    assert "if that is right, run UPSTREAMS_RECORD=rates manage.py test\n" in output


def test_an_unknown_upstream_is_refused_before_any_test(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(
        CommandError, match=r"^--record: upstream qotes is not in .*; did you mean 'quotes'\?$"
    ):
        UpstreamsTestRunner(record=["qotes"]).setup_test_environment()


def test_an_upstream_of_which_nothing_was_recorded_is_named():
    assert list(summary([], ["rates"], "no test")) == ["cassettes: rates, nothing recorded: no test"]


def test_nothing_is_recorded_in_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")
    marked.require_recording([], "--record")
    with pytest.raises(ValueError, match=r"^--record reaches the real upstream, and CI is set"):
        marked.require_recording(["quotes"], "--record")


@pytest.mark.parametrize(
    ("decorate", "message"),
    [
        (
            lambda: upstream_cassette(),
            r'^upstream_cassette takes aliases; write @upstream_cassette\("rates"\)$',
        ),
        (lambda: upstream_cassette(TestCase), "^upstream_cassette takes aliases"),
        (lambda: upstream_cassette("rates", remove="a"), r'remove= is a list of names; write remove=\["acc'),
        (lambda: upstream_cassette("rates")(dict), "decorates a TestCase or one of its tests; write @upst"),
    ],
    ids=["no aliases", "no parentheses", "text", "another class"],
)
def test_wrong_use_is_refused_in_one_sentence(decorate, message):
    with pytest.raises(TypeError, match=message):
        decorate()
