"""A project with a package for upstreams."""

import sys

import pytest


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project with a package for upstreams."""
    package = tmp_path / "services"
    (package / "tests").mkdir(parents=True)
    (package / "tests" / "__init__.py").touch()
    (package / "__init__.py").write_text("from upstreams import Upstream, UpstreamError, spawn\n")
    for name in ("core", "apps", "management"):
        (package / name).mkdir()
        (package / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in {name for name in sys.modules if name.partition(".")[0] == "services"} - before:
        del sys.modules[name]
