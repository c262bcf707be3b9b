"""The index and the certificates of a company, as pip and others know them, are those of uv."""

from pathlib import Path

import pytest
from generation import SOURCE
from machine import Machine
from package_index import PASSWORD, own_index
from processes import environment, run

PRINTS = '#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.13.8" || echo "${UV_DEFAULT_INDEX-} ${UV_INDEX-} ${SSL_CERT_FILE-}"\n'
ABOUT = """[project]
name = "quotes"
version = "0"
requires-python = ">=3.12"
dependencies = ["idna"]
"""
TEAMS_OWN = '[[tool.uv.index]]\nurl = "https://team.example/simple"\ndefault = true\n'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.has("first/uv", PRINTS)
    machine.has("project/pyproject.toml", "")
    return machine


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "  "),
        ({"PIP_INDEX_URL": "https://a/simple"}, "https://a/simple  "),
        ({"PIP_INDEX_URL": "https://a/simple", "UV_DEFAULT_INDEX": "https://b"}, "https://b  "),
        ({"PIP_INDEX_URL": "https://a/simple", "UV_INDEX_URL": "https://b"}, "https://b  "),
        ({"PIP_EXTRA_INDEX_URL": "https://a https://b"}, " https://a https://b "),
        ({"PIP_EXTRA_INDEX_URL": "https://a", "UV_INDEX": "x=https://b"}, " x=https://b "),
        ({"PIP_EXTRA_INDEX_URL": "https://a", "UV_EXTRA_INDEX_URL": "https://b"}, " https://b "),
    ],
)
def test_the_index_of_pip_is_that_of_uv_unless_uv_has_one(
    machine: Machine, variables: dict[str, str], expected: str
) -> None:
    assert machine.run(UV_PYTHON="/chosen", **variables).stdout == f"{expected}\n"


def test_an_index_in_the_project_itself_comes_first(machine: Machine) -> None:
    machine.has("project/pyproject.toml", TEAMS_OWN)
    assert machine.run(UV_PYTHON="/chosen", PIP_INDEX_URL="https://a/simple").stdout == "  \n"


@pytest.mark.parametrize("name", ["PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_certificates_of_others_are_those_of_uv(machine: Machine, name: str) -> None:
    bundle = machine.has("company.pem", "")
    assert machine.run(UV_PYTHON="/chosen", **{name: str(bundle)}).stdout == f"  {bundle}\n"


def test_certificates_that_are_not_there_change_nothing(machine: Machine) -> None:
    assert machine.run(UV_PYTHON="/chosen", PIP_CERT="/no/such.pem").stdout == "  \n"


@pytest.mark.parametrize("index", ["https://a/simple", "company=https://a/simple"])
def test_pip_installs_uv_from_the_index_of_uv(machine: Machine, index: str) -> None:
    pip = '#!/bin/sh\n[ "$3" = --version ] && exit\necho "$PIP_INDEX_URL $PIP_CERT" >&2\nexit 1\n'
    machine.has("first/uv", "#!/bin/sh\nexit 127\n")
    machine.has("first/python3", pip)
    bundle = machine.has("company.pem", "")
    done = machine.run(UV_DEFAULT_INDEX=index, SSL_CERT_FILE=str(bundle))
    assert f"https://a/simple {bundle}\n" in done.stderr


@pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "PIP_INDEX_URL"])
@pytest.mark.parametrize("bundle", ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"])
def test_packages_come_from_an_index_with_a_password_and_a_private_authority(
    tmp_path: Path, variable: str, bundle: str
) -> None:
    project = tmp_path / "quotes"
    (project / "scripts").mkdir(parents=True)
    (project / "pyproject.toml").write_text(ABOUT)
    (project / "scripts" / "uv").write_text((SOURCE / "scripts" / "uv").read_text())
    with own_index(tmp_path) as index:
        own = {variable: index.url, bundle: str(index.authority), "UV_CACHE_DIR": str(tmp_path / "cache")}
        run(["sh", "scripts/uv", "sync", "--quiet"], project, {**without_an_index(), **own})
        assert "/simple/idna/" in index.served
    locked = (project / "uv.lock").read_text()
    assert index.address in locked
    assert PASSWORD not in locked


def without_an_index() -> dict[str, str]:
    """This machine without what it has set for its own index."""
    own = ("PIP_", "UV_INDEX", "UV_DEFAULT_INDEX", "SSL_CERT", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY")
    return {name: value for name, value in environment().items() if not name.upper().startswith(own)}
