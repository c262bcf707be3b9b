"""Reads the page as a person does."""

import re
from html import unescape

URL = "/admin/upstreams_page/upstream/"
EVENTS = URL + "events/"


def text(response):
    """The text of the page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.text)).split())


def cell(response, id):  # noqa: A002 - as in HTML
    (found,) = re.findall(rf'id="{id}"[^>]*>([^<]*)<', response.text)
    return unescape(found).replace("\N{NO-BREAK SPACE}", " ")
