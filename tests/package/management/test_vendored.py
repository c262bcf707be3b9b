"""`check --deploy` in a project that carries the package names files of it that were edited."""

import subprocess

import pytest
from django.core.checks import run_checks
from upstreams import vendored

FILES = {
    "src/upstreams/core.py": "CORE = 1\n",
    "pyproject.toml": "[project]\n",
    "docs/a page.md": "# A page\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A vendored copy of the package as it was released, which the check takes for its own."""
    folder = tmp_path / "vendor" / "django-upstreams"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    lines = [f"{digest}  {name}\n" for name, digest in vendored.checksums(folder).items()]
    (folder / vendored.RECORD).write_text("".join(lines))
    monkeypatch.setattr(vendored, "__file__", str(folder / "src" / "upstreams" / "vendored.py"))
    return folder


def found():
    return [
        one.msg
        for one in run_checks(tags=["upstreams"], include_deployment_checks=True)
        if one.id == "upstreams.W010"
    ]


def test_a_folder_as_released_is_not_mentioned(folder):
    assert found() == []


@pytest.mark.parametrize("name", FILES)
def test_an_edited_file_is_named(folder, name):
    (folder / name).write_text("ours")
    assert found() == [f"vendor/django-upstreams was edited: {name}"]


def test_an_added_file_is_named(folder):
    (folder / "src" / "upstreams" / "ours.py").touch()
    assert found() == ["vendor/django-upstreams was edited: src/upstreams/ours.py"]


def test_a_deleted_module_is_named(folder):
    (folder / "src" / "upstreams" / "core.py").unlink()
    assert found() == ["vendor/django-upstreams was edited: src/upstreams/core.py (deleted)"]


def test_an_image_may_leave_out_what_is_no_code(folder):
    (folder / "docs" / "a page.md").unlink()
    assert found() == []


@pytest.mark.parametrize(
    "name", ["src/upstreams/__pycache__/core.pyc", ".mypy_cache/x", "src/a.egg-info/PKG-INFO"]
)
def test_what_tools_write_is_no_edit(folder, name):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
    assert found() == []


def test_an_installed_wheel_has_nothing_to_compare(folder):
    (folder / vendored.RECORD).unlink()
    (folder / "pyproject.toml").write_text("ours")
    assert found() == []


def test_only_a_deployment_is_checked(folder):
    (folder / "pyproject.toml").write_text("ours")
    assert [one for one in run_checks(tags=["upstreams"]) if one.id == "upstreams.W010"] == []


def test_the_record_is_that_of_sha256sum(folder):
    command = ["sha256sum", "--check", "--strict", "--quiet", vendored.RECORD]
    subprocess.run(command, cwd=folder, check=True)
