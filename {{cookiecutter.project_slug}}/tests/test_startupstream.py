"""`manage.py startupstream`: what it writes, and what it refuses without writing anything."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from services.management.commands import startupstream

URL = "https://api.github.com"


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / "services").mkdir()
    (tmp_path / "tests").mkdir()
    monkeypatch.setattr(startupstream, "ROOT", tmp_path)
    return tmp_path


def files(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_the_class_and_its_test_are_written_and_the_settings_printed(root, capsys):
    call_command("startupstream", "nobodys_api", "https://api.github.com/v3")
    assert files(root) == ["services/nobodys_api.py", "tests/test_nobodys_api.py"]
    assert 'nobodys_api = NobodysApi("nobodys_api")' in (root / "services/nobodys_api.py").read_text()
    assert capsys.readouterr().out == (
        "Wrote services/nobodys_api.py and tests/test_nobodys_api.py.\n"
        "Add to UPSTREAMS in config/settings.py:\n"
        '        "nobodys_api": {"BASE_URL": "https://api.github.com/v3"},\n'
    )


@pytest.mark.parametrize("name", ["nobodys", "a", "a" * 30, "match"])
def test_what_is_written_is_in_its_usual_form(root, name):
    call_command("startupstream", name, URL)
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--no-cache", "--config", str(Path("pyproject.toml").absolute())]
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
        "wire",
    ],
)
def test_a_name_that_is_taken_is_refused(root, name):
    with pytest.raises(CommandError, match=f"^name: {name} is taken; write {name}_api, say$"):
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


@pytest.mark.parametrize("there", ["services/nobodys.py", "tests/test_nobodys.py"])
def test_a_file_that_exists_is_left_alone(root, there):
    (root / there).write_text("mine")
    with pytest.raises(CommandError, match=f"^{there} exists; nothing was written$"):
        call_command("startupstream", "nobodys", URL)
    assert (files(root), (root / there).read_text()) == ([there], "mine")


def test_what_cannot_be_written_leaves_nothing(root):
    (root / "tests").rmdir()
    with pytest.raises(CommandError, match=r"^tests/test_nobodys\.py: No such file or directory; nothing"):
        call_command("startupstream", "nobodys", URL)
    assert files(root) == []
