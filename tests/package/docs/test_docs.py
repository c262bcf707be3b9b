"""Every block of the documentation runs: files are written into a project, its checks and tests pass, commands work."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from upstreams.testing import Loopback, http_response

from docs.blocks import MARKUP, PAGES, blocks, write
from docs.commands import run, run_lines

PROJECT = Path(__file__).parent / "project"
NOT_RUN = 1
"""Blocks with a reason not to run, in all pages; raise it only for a reason that cannot be removed."""
OVERRIDE = """

import os

if "QUOTES_URL" in os.environ:
    UPSTREAMS["quotes"]["BASE_URL"] = os.environ["QUOTES_URL"]
"""
INHERITED = ("HOME", "LANG", "PATH", "TMPDIR")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="commands are for sh")


@pytest.fixture
def upstream():
    with Loopback() as server:
        yield server.on("*", http_response({"text": "Simple is better.", "author": "Tim"}))


@pytest.fixture
def project(tmp_path):
    return shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def env(upstream, project):
    kept = {name: value for name, value in os.environ.items() if name in INHERITED}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    own = {"PATH": path, "PYTHONPATH": str(project), "ENV_FILE": os.devnull, "SECRET_KEY": "k" * 50}
    of_sdks = [
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "STRIPE_API_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ]
    secrets = dict.fromkeys(["A_API_KEY", "B_TOKEN", "C_PASSWORD", "D_CLIENT_SECRET", *of_sdks], "secret")
    secrets["BILLING_WEBHOOK_SECRET"] = f"whsec_{'k' * 32}"
    return {**kept, **own, **secrets, "DJANGO_SETTINGS_MODULE": "mysite.settings", "QUOTES_URL": upstream.url}


@pytest.mark.processes
@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(block.path for block in blocks(page))], ids=lambda page: page.stem
)
def test_the_blocks_of_a_page_run_from_top_to_bottom(page, project, env):
    if page.name == "README.md":  # which adds the app
        settings = project / "mysite" / "settings.py"
        settings.write_text(settings.read_text().replace('    "upstreams",\n', ""))
    is_checked = False
    for block in blocks(page):
        if block.reason or block.language in MARKUP:
            continue
        if block.language == "sh":
            check(project, env)
            run_lines(block.text, project, env)
            is_checked = True
            continue
        assert block.path, f"name the file, or give a reason not to run it: {block.text}"
        write(project, block)
        is_checked = False
    if not is_checked:
        check(project, env)
    if any(file.name.startswith("test_") for file in project.rglob("*.py")):
        assert " passed" in run("python -m pytest -q", project, env)


def check(project, env):
    """Import every module and run the system checks: settings, upstreams and what the modules define."""
    settings = project / "mysite" / "settings.py"
    if OVERRIDE not in settings.read_text()[-len(OVERRIDE) :]:
        settings.write_text(settings.read_text() + OVERRIDE)
    (project / "check.py").write_text(CHECK)
    assert "no issues" in run("python check.py", project, env)


CHECK = """
from importlib import import_module
from pathlib import Path

import django
from django.core.management import call_command

django.setup()
for file in Path("mysite").rglob("*.py"):
    import_module(".".join(file.with_suffix("").parts).removesuffix(".__init__"))
call_command("check")
"""


def test_few_blocks_have_a_reason_not_to_run():
    found = [(page.name, block.reason) for page in PAGES for block in blocks(page) if block.reason]
    assert len(found) == NOT_RUN, found


def test_every_fence_of_a_page_is_a_block():
    counted = {page.name: page.read_text().count("```") for page in PAGES}
    assert {page.name: 2 * len(blocks(page)) for page in PAGES} == counted


def test_no_page_is_long():
    assert {page.name: n for page in PAGES if (n := len(page.read_text().splitlines())) > 150} == {}
