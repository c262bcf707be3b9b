"""The header `Link` (RFC 8288), and where it may lead."""

import re
from urllib.parse import urljoin

from upstreams.core.errors import UnsafeRequest, UpstreamProtocolError
from upstreams.core.httpx import Response, httpx
from upstreams.core.url_fields import origin

LINK = re.compile(r'<([^<>]*)>\s*((?:;[^,"]*(?:"(?:[^"\\]|\\.)*"[^,"]*)*)?)')
PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')


def next_link(response: Response) -> str | None:
    """Return the target of the first link that leads from this page to the next one."""
    for target, parameters in LINK.findall(response.headers.get("Link", "")):
        found: dict[str, str] = {}
        for name, quoted, token in PARAMETER.findall(parameters):
            found.setdefault(name.lower(), quoted or token)  # only the first one counts
        if "next" in found.get("rel", "").lower().split() and "anchor" not in found:
            return str(target)
    return None


def address_of(link: str, page: httpx.URL, name: str) -> httpx.URL:
    """Return the address that a link of a page leads to; credentials go with the request.

    Args:
        link: absolute, or relative to the page.
        page: the address of the page.
        name: of the upstream and its method and path, for the error.

    Raises:
        UnsafeRequest: it leads to another origin.
        UpstreamProtocolError: it is no URL.
    """
    try:
        found = httpx.URL(urljoin(str(page), link.strip()))
        target = origin(found)
    except (httpx.InvalidURL, ValueError):
        what = "the link to the next page is no URL"
        raise UpstreamProtocolError(f"upstream {name}: {what}") from None
    own = origin(page)
    upgraded = target == ("http", page.raw_host, None) and own == ("https", page.raw_host, None)
    if upgraded:  # written behind a proxy that ends TLS
        found = found.copy_with(scheme="https", port=None)
    if (target != own and not upgraded) or found.userinfo:
        error = UnsafeRequest(
            f"upstream {name}: the link to the next page leads to another origin than {page.scheme}://"
            f"{page.netloc.decode('ascii')}; define an upstream for that one, or ask for relative links"
        )
        error.status = 502  # it is the upstream's doing
        raise error
    return found.copy_with(fragment=None)
