"""`manage.py startupstream`: what it writes, and what it refuses without writing anything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

URL = "https://api.github.com"
IGNORED = 'lint.per-file-ignores={"**/tests/*" = ["S101"], "__init__.py" = ["F401"]}'
CONFIG = Path("../../{{cookiecutter.project_slug}}/vendor/django-upstreams/pyproject.toml").absolute()


def files(root):
    found = {str(path.relative_to(root)) for path in root.rglob("*.*") if path.suffix != ".pyc"}
    return sorted(name for name in found if not name.endswith("__init__.py"))


def test_the_class_and_its_test_are_written_and_the_settings_printed(root, capsys):
    call_command("startupstream", "nobodys_api", "https://api.github.com/v3")
    assert files(root) == ["services/nobodys_api.py", "services/tests/test_nobodys_api.py"]
    assert 'nobodys_api = NobodysApi("nobodys_api")' in (root / "services/nobodys_api.py").read_text()
    assert capsys.readouterr().out == (
        "Wrote services/nobodys_api.py and services/tests/test_nobodys_api.py.\n"
        "Add to UPSTREAMS in testproject/settings.py:\n"
        '        "nobodys_api": {"BASE_URL": "https://api.github.com/v3"},\n'
    )


@pytest.mark.processes
def test_the_test_that_is_written_passes(root):
    call_command("startupstream", "nobodys", URL)
    settings = (
        'from testproject.settings import *\nUPSTREAMS = {"nobodys": {"BASE_URL": "https://api.test"}}\n'
    )
    (root / "own_settings.py").write_text(settings)
    (root / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = session\n"
        "asyncio_default_test_loop_scope = session\n"
    )
    env = {"DJANGO_SETTINGS_MODULE": "own_settings", "PYTHONPATH": f"{root}{os.pathsep}{Path.cwd()}"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=root, env=os.environ | env, capture_output=True, text=True, timeout=120, check=False
    )
    assert "2 passed" in done.stdout


def test_another_package_may_be_named(root, monkeypatch):
    (root / "shop" / "remote").mkdir(parents=True)
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "remote" / "__init__.py").touch()
    (root / "shop" / "remote" / "tests.py").touch()  # as `startapp` makes it: a folder would hide it
    call_command("startupstream", "nobodys", URL, package="shop.remote")
    assert (root / "shop/remote/nobodys.py").exists()
    assert "from shop.remote.nobodys import" in (root / "shop/remote/test_nobodys.py").read_text()


def test_a_missing_package_is_named(root):
    message = "^--package: nowhere is not a package here; make nowhere/__init__.py, or name another$"
    with pytest.raises(CommandError, match=message):
        call_command("startupstream", "nobodys", URL, package="nowhere")


def test_a_missing_url_is_named(root):
    with pytest.raises(CommandError, match=r"^url: write its BASE_URL, such as https://api\.github\.com$"):
        call_command("startupstream", "nobodys")


@pytest.mark.parametrize("name", ["nobodys", "a", "a" * 30, "match"])
def test_what_is_written_is_in_its_usual_form(root, name):
    call_command("startupstream", name, URL)
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--no-cache", "--config", str(CONFIG), "--config", IGNORED]
    subprocess.run([*ruff, "check", *config, "."], cwd=root, check=True)
    subprocess.run([*ruff, "format", "--check", *config, "."], cwd=root, check=True)


@pytest.mark.parametrize(
    "name", ["", "GitHub", "git-hub", "1hub", "git__hub", "hub_", "../hub", "a.b", "hüb", "hub\n", "a" * 31]
)
def test_a_name_that_is_none_is_refused(root, name):
    message = "^name: at most 30 lower-case letters, digits and single underscores, such as github$"
    with pytest.raises(CommandError, match=message):
        call_command("startupstream", name, URL)
    assert files(root) == []


@pytest.mark.parametrize(
    "name",
    [
        "class",
        "list",
        "json",
        "core",
        "apps",
        "management",
        "spawn",
        "upstream",
        "upstream_error",
        "item",
        "upstream_mock",
    ],
)
def test_a_name_that_is_taken_is_refused(root, name):
    with pytest.raises(CommandError, match=f"^name: {name} is taken; use another, such as {name}_api$"):
        call_command("startupstream", name, URL)
    assert files(root) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.github.com",
        "ftp://api.github.com",
        "https://",
        "https://user:word@api.github.com",
        "https://api.github.com?key=word",
        "https://api.github.com#top",
        "https://api.github.com/../v1",
        "https://api.github.com:port",
        "https://[::1",
        "https://api.github.com/ a",
        'https://api.github.com/"',
        "https://api.github.com/\x01",
        "https://gïthub.com",
    ],
)
def test_a_bad_url_is_refused_without_repeating_it(root, url):
    with pytest.raises(CommandError, match=r"^url: write one such as https://api\.example\.com/v1, with no"):
        call_command("startupstream", "nobodys", url)
    assert files(root) == []


@pytest.mark.parametrize("debug", [True, False])
def test_plain_http_is_for_this_host_alone(root, settings, debug):
    settings.DEBUG = debug
    with pytest.raises(CommandError, match=r"^url: plain HTTP beyond this host; write https://$"):
        call_command("startupstream", "nobodys", "http://api.github.com")
    call_command("startupstream", "nobodys", "http://127.0.0.1:8001")
    assert len(files(root)) == 2


@pytest.mark.parametrize("there", ["services/nobodys.py", "services/tests/test_nobodys.py"])
def test_a_file_that_exists_is_left_alone(root, there):
    (root / there).write_text("mine")
    with pytest.raises(CommandError, match=f"^{there} exists; nothing was written$"):
        call_command("startupstream", "nobodys", URL)
    assert (files(root), (root / there).read_text()) == ([there], "mine")


def test_what_cannot_be_written_leaves_nothing(root):
    (root / "services" / "tests" / "__init__.py").unlink()
    (root / "services" / "tests").rmdir()
    (root / "services" / "tests").touch()
    with pytest.raises(CommandError, match=r"^services/tests/test_nobodys\.py: .*; nothing was written$"):
        call_command("startupstream", "nobodys", URL)
    assert files(root) == []
