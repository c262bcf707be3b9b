"""The wheel of the package: built without the network, whole, and installed with what it asks for."""

import json
import re
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from generation import PACKAGE, QUESTIONS, files
from processes import environment, run

NAMES = """
import json, importlib.metadata as m, upstreams
names = {name: getattr(upstreams, name).__name__ for name in upstreams.__all__}
plugins = [p.value for p in m.entry_points(group="pytest11") if p.name == "upstreams"]
print(json.dumps({"version": m.version("django-upstreams"), "names": sorted(names), "plugins": plugins}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Where it lies it is in the workspace of a project whose pyproject.toml has placeholders yet.
    source = tmp_path_factory.mktemp("source") / PACKAGE.name
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    folder = tmp_path_factory.mktemp("wheel")
    build = ["uv", "build", "--quiet", "--offline", "--wheel", "--python", sys.executable]
    run([*build, "--out-dir", str(folder)], source, environment())
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of an environment with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    run(["uv", "venv", "--quiet", "--python", sys.executable, ".venv"], folder, environment())
    python = str(folder / ".venv" / "bin" / "python")
    install = ["uv", "pip", "install", "--quiet", "--python", python]
    run([*install, f"django-upstreams[httpx2] @ {wheel.as_uri()}"], folder, environment())
    return python


def test_the_wheel_has_every_file_of_the_source_and_no_test(wheel: Path) -> None:
    source = {str(file.relative_to(PACKAGE / "src")) for file in files(PACKAGE / "src")}
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    assert {name for name in inside if ".dist-info/" not in name} == source
    assert {"upstreams/py.typed"} <= inside


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 750_000  # 493 modules and their checksums, and nothing else


def test_every_public_name_can_be_imported(python: str, tmp_path: Path) -> None:
    found = json.loads(run([python, "-I", "-c", NAMES], tmp_path, environment()))
    assert found["version"] == version()
    assert {"Upstream", "UpstreamError", "open_clients", "spawn"} <= set(found["names"])
    assert found["plugins"] == ["upstreams.testing.plugin"]


def test_the_version_is_said_once_by_all(wheel: Path) -> None:
    module = (PACKAGE / "src" / "upstreams" / "__init__.py").read_text()
    assert re.findall(r'^__version__ = "(.*)"$', module, re.MULTILINE) == [version()]
    assert (QUESTIONS["_version"], wheel.name.split("-")[1]) == (version(), version())


def version() -> str:
    about = tomllib.loads((PACKAGE / "pyproject.toml").read_text())
    found: str = about["project"]["version"]
    return found
