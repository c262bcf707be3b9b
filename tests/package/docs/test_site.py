"""`make docs` without the network: a warning, such as a dead link, is an error."""

import os
import re
import subprocess
import sys

import pytest
from testproject.paths import PACKAGE


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", PACKAGE / "docs", folder]
    done = subprocess.run(
        command, env={**os.environ, **nowhere}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.processes
def test_the_site_builds_without_warnings_and_loads_nothing_from_elsewhere(site):
    pages = {page.name: page.read_text() for page in site.glob("*.html")}
    assert {"index.html", "start.html", "settings.html"} <= pages.keys()
    loaded = [
        name for name, page in pages.items() if 'src="http' in page or 'rel="stylesheet" href="http' in page
    ]
    assert loaded == []


@pytest.mark.processes
def test_language_models_find_every_page(site):
    links = re.findall(r"\]\((.*?)\)", (site / "llms.txt").read_text())
    assert [link for link in links if not (site / link).exists()] == []
    pages = {page.name for page in (PACKAGE / "docs").glob("*.md")} - {"index.md", "changelog.md"}
    assert {link.removeprefix("_sources/").removesuffix(".txt") for link in links} - {
        "changelog.html"
    } == pages


@pytest.mark.processes
def test_the_keyboard_reaches_what_scrolls(site):
    page = (site / "settings.html").read_text()
    assert page.count('tabindex="0" class="table-wrapper') > 3
    assert "<pre>" not in page
