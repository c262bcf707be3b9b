"""What editors, git and coding agents read of a project is true."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from generation import DEPLOYED, INSTALLED, name_of, own_files
from processes import tool

INLINE = re.compile(r"`([^`]+)`")
MAKE = re.compile(r"\bmake ([a-z-]+)")
# What commands write, and what the package holds.
MADE = {".env", "vendor/"}


@pytest.mark.parametrize("combination", DEPLOYED, indirect=True, ids=name_of)
def test_every_file_is_as_editors_are_told(project: Path) -> None:
    files = [file for file in own_files(project) if file.name != "uv.lock"]
    told = tool("editorconfig==0.17.0", "editorconfig", *map(str, files), cwd=project)
    sections = re.split(r"^\[(.*)\]$", told, flags=re.MULTILINE)[1:]
    properties = {
        Path(name): dict(line.split("=", 1) for line in text.split())
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }
    assert properties.keys() == set(files)
    assert [fault for file in files for fault in faults(file, properties[file])] == []


def faults(file: Path, properties: dict[str, str]) -> list[str]:
    data = file.read_bytes()
    text = data.decode(properties["charset"])
    width = int(properties.get("indent_size", 0)) if properties["indent_style"] == "space" else 0
    found = {
        "line ends": b"\r" in data,
        "last line": data != b"" and not data.endswith(b"\n"),
        "trailing space": re.search(r"[ \t]$", text, re.MULTILINE) is not None,
        "tabs": properties["indent_style"] == "space" and re.search(r"^ *\t", text, re.MULTILINE) is not None,
        "indent": properties["indent_style"] == "tab" and re.search(r"^ +\S", text, re.MULTILINE) is not None,
        "width": file.suffix == ".py" and width != 4,
    }
    return [f"{file.name}: {name}" for name, is_wrong in found.items() if is_wrong]


@pytest.mark.parametrize("combination", INSTALLED, indirect=True, ids=name_of)
def test_all_that_coding_agents_are_told_of_is_there(project: Path) -> None:
    text = (project / "AGENTS.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (project / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(text)) - targets == set()
    names = {word for word in INLINE.findall(text) if re.fullmatch(r"[\w./-]*[\w-](/|\.\w+)", word)}
    paths = {name for name in names if not name.startswith("/")} - MADE
    assert len(paths) > 12
    assert [name for name in sorted(paths) if not (project / name).exists()] == []


@pytest.mark.parametrize(
    ("path", "is_ignored"),
    [("media/photo.jpg", True), (".env", True), ("api/static/media/logo.svg", False), ("LICENSE", False)],
)
@pytest.mark.parametrize("combination", INSTALLED[:1], indirect=True, ids=name_of)
def test_git_ignores_uploads_and_secrets(project: Path, path: str, is_ignored: bool) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    done = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=project, check=False)
    assert (done.returncode == 0) == is_ignored


@pytest.mark.parametrize("combination", INSTALLED[:1], indirect=True, ids=name_of)
def test_the_licence_is_the_teams(project: Path) -> None:
    assert not (project / "LICENSE").exists()
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert about.keys() & {"license", "license-files", "classifiers"} == set()
