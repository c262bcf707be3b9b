"""`make docs` without the network: a warning, such as a dead link, is an error."""

import os
import subprocess
import sys

import pytest
from testproject.paths import PACKAGE


@pytest.mark.processes
def test_the_site_builds_without_warnings_and_loads_nothing_from_elsewhere(tmp_path):
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", PACKAGE / "docs", tmp_path]
    done = subprocess.run(
        command, env={**os.environ, **nowhere}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    pages = {page.name: page.read_text() for page in tmp_path.glob("*.html")}
    assert {"index.html", "start.html", "settings.html"} <= pages.keys()
    loaded = [
        name for name, page in pages.items() if 'src="http' in page or 'rel="stylesheet" href="http' in page
    ]
    assert loaded == []
