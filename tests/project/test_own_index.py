"""A package index and an authority of a company's own: in the lock, on a developer's machine, in CI and in the image."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from generation import generate
from image import build, can_run
from package_index import FILES, PASSWORD, PYPI, Index, own_index
from processes import attempt, environment, run

STALE = "error: The lockfile at `uv.lock` needs to be updated, but `UV_LOCKED=1` was provided."


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with own_index(tmp_path_factory.mktemp("index")) as index:
        yield index


@pytest.fixture(scope="module")
def env(index: Index, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What README.md tells such a company's developers and CI to set."""
    cache = str(tmp_path_factory.mktemp("cache"))
    return environment(UV_DEFAULT_INDEX=index.url, SSL_CERT_FILE=str(index.authority), UV_CACHE_DIR=cache)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("project") / "out")


@pytest.fixture(scope="module")
def project(fresh: Path, env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Locked again, by the one command of README.md."""
    copy = Path(shutil.copytree(fresh, tmp_path_factory.mktemp("locked") / "project"))
    run(["scripts/uv", "lock", "--quiet"], copy, env)
    return copy


def test_the_lock_has_the_same_versions_by_other_addresses_and_no_password(
    fresh: Path, project: Path, index: Index
) -> None:
    locked = (project / "uv.lock").read_text()
    address = index.address.removesuffix("/simple")
    expected = (fresh / "uv.lock").read_text().replace(PYPI, address).replace(FILES, address)
    assert locked == expected
    assert PASSWORD not in locked


def test_ci_names_a_lock_that_has_other_addresses(fresh: Path, env: dict[str, str]) -> None:
    done = attempt(["scripts/uv", "sync"], fresh, {**env, "UV_LOCKED": "1"})
    assert done.returncode != 0
    assert STALE in done.stderr.splitlines()


def test_ci_installs_from_the_index(project: Path, env: dict[str, str], index: Index) -> None:
    index.served.clear()
    run(["scripts/uv", "sync", "--quiet"], project, {**env, "UV_LOCKED": "1"})
    assert sum(path.endswith(".whl") for path in index.served) > 30
    assert run([".venv/bin/python", "-c", "import django, upstreams"], project, env) == ""


@pytest.mark.skipif(not can_run(), reason="needs root, to change roots and users")
def test_the_image_takes_both_as_secrets_and_keeps_neither(
    project: Path, index: Index, tmp_path: Path
) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    context = shutil.copytree(project, tmp_path / "context", ignore=shutil.ignore_patterns(".venv"))
    secrets = {"UV_DEFAULT_INDEX": tmp_path / "url", "SSL_CERT_FILE": index.authority}
    secrets["UV_DEFAULT_INDEX"].write_text(index.url)
    (tmp_path / "cache").mkdir()
    (tmp_path / "image").mkdir()
    image = build(context, tmp_path / "image", tmp_path / "cache", secrets)
    assert [*image.root.glob("app/.venv/lib/python3.*/site-packages/django")] != []
    for secret in (PASSWORD, index.authority.read_text().splitlines()[1]):
        found = attempt(["grep", "-rlF", secret, str(tmp_path / "image")], tmp_path, environment())
        assert (found.returncode, found.stdout) == (1, "")
    assert not any(PASSWORD in value for value in image.env.values())
