"""A browser that reads a stream of tokens: nothing on the way keeps one back."""

import asyncio
import shutil
import subprocess

import pytest
from testproject.processes import seen, serving

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(token):
    event = f"data: {token}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(event), event)


@pytest.fixture
def browse(tmp_path):
    """Opens a page, until the end of the test at the latest."""
    opened = []

    def browse(url):
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
        browser = subprocess.Popen(
            [CHROMIUM, *options, url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        opened.append(browser)
        return browser

    yield browse
    for browser in opened:
        browser.kill()
        browser.wait()


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
def test_a_browser_shows_each_token_before_the_next_one_is_sent(loopback, browse):
    loopback.on("/chat", HEAD, chunk(1), "hang")
    with serving(loopback, DJANGO_SETTINGS_MODULE="testproject.browser.settings") as process:
        browser = browse(process.url)
        text = "1"
        seen(process, f"the page shows {text}.")
        for token in "234":
            loopback.push(chunk(token))
            text += token
            seen(process, f"the page shows {text}.")
        browser.terminate()  # as a visitor closes it
        asyncio.run(asyncio.wait_for(loopback.all_closed(), 20))
