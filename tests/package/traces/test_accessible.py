"""The pages for developers, in a browser: axe-core finds nothing, whatever the width and the colours."""

import pytest
from testproject.axe import NEEDED, can_check, violations
from upstreams.contrib.waterfall.rows import rendered
from upstreams.contrib.waterfall.summary import summary
from upstreams.core.request_trace import recent

QUOTE = {"text": "a", "author": "b"}

pytestmark = [pytest.mark.processes, pytest.mark.skipif(not can_check(), reason=NEEDED)]


@pytest.fixture
async def page(aclient, upstream_mock, background_done, monkeypatch):
    """Fetches a page after requests that show all that there is."""
    upstream_mock("quotes").get("random").json({}, 502).json(QUOTE)
    upstream_mock("quotes").get("authors/ada").fail("refused")
    monkeypatch.setenv("UPSTREAMS_MOCKS", "http://127.0.0.1:8100,quotes=http://127.0.0.1:8101")
    await aclient.get("/quotes/three")
    await aclient.get("/quotes/three")
    await aclient.get("/quotes/by/ada")
    await aclient.get("/spawning")
    await background_done()

    async def fetch(path):
        return (await aclient.get(path)).text

    return fetch


async def test_axe_finds_nothing(page, tmp_path):
    assert violations(await page("/__upstreams__/requests/"), tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["/", "/__upstreams__/requests/"])
async def test_axe_finds_nothing_in_any_window(page, tmp_path, path, width, dark):
    assert violations(await page(path), tmp_path, width=width, dark=dark) == []


@pytest.mark.long
async def test_the_fragment_of_the_toolbar_is_accessible_too(page, tmp_path):
    fragment = rendered(summary(recent[0]))
    html = f'<!doctype html><html lang="en"><title>Panel</title><main><h1>Panel</h1>{fragment}</main>'
    assert violations(html, tmp_path) == []


async def test_it_would_find_something(tmp_path):
    page = '<!doctype html><html lang="en"><title>A</title><main><h1>A</h1><img src="data:,"></main>'
    assert [line.partition(":")[0] for line in violations(page, tmp_path)] == ["image-alt"]
