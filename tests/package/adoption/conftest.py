"""A plain project of each supported Django, changed as the README of the package says."""

import pytest
from docs.commands import run
from upstreams.testing import Loopback, http_response

from adoption.installation import OVERRIDE, environment, install, start_project

VERSIONS = ["5.2", pytest.param("6.0", marks=pytest.mark.long), "6.1"]


@pytest.fixture(scope="module", params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture(scope="module")
def executables(version, tmp_path_factory):
    return install(version, tmp_path_factory.mktemp("wheels"))


@pytest.fixture
def project(executables, tmp_path):
    return start_project(executables, tmp_path / "project")


@pytest.fixture
def upstream():
    with Loopback() as server:
        yield server.on("*", http_response({"text": "Simple is better.", "author": "Tim"}))


@pytest.fixture
def env(executables, project, upstream):
    return environment(executables, project, QUOTES_URL=upstream.url)


@pytest.fixture
def at_the_upstream(project):
    """The project, whose upstream is the one of the test."""
    settings = project / "mysite" / "settings.py"
    settings.write_text(settings.read_text() + OVERRIDE)
    return project


@pytest.fixture
def migrated(at_the_upstream, env):
    run("python manage.py migrate -v0", at_the_upstream, env)
    return at_the_upstream
