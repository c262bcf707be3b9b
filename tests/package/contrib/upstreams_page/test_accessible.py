"""The page in a browser: axe-core finds nothing, whatever the width and the colours, also before a button acts."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from testproject.axe import NEEDED, can_check, violations

from contrib.upstreams_page.pages import URL

pytestmark = [pytest.mark.processes, pytest.mark.skipif(not can_check(), reason=NEEDED)]

STYLE = re.compile(rf'<link rel="stylesheet" href="/?{settings.STATIC_URL.lstrip("/")}([^"]+)"[^>]*>')


def with_styles(html):
    """The page without its scripts and with its styles: a file has no server."""
    alone = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    alone = alone.replace("<html ", '<html data-theme="auto" ', 1)  # as a script of the admin does
    return STYLE.sub(lambda found: f"<style>{Path(finders.find(found[1])).read_text('utf-8')}</style>", alone)


async def test_axe_finds_nothing(aclient, operator, failed, tmp_path):
    page = with_styles((await aclient.get(URL)).text)
    assert '<link rel="stylesheet"' not in page
    assert violations(page, tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["", "quotes/open/"])
async def test_axe_finds_nothing_in_any_window(aclient, operator, failed, tmp_path, path, width, dark):
    page = with_styles((await aclient.get(URL + path)).text)
    assert violations(page, tmp_path, width=width, dark=dark) == []
