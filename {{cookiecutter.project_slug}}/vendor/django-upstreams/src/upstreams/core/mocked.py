"""`UPSTREAMS_MOCKS`: the upstreams that `manage.py mockupstreams` plays. `make dev` sets it for its processes."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from upstreams.core.aliases import ALIAS
from upstreams.core.keys import suggestion
from upstreams.core.url_fields import BaseUrl
from upstreams.core.urls import NO_CREDENTIALS

logger = logging.getLogger(__name__)
VARIABLE = "UPSTREAMS_MOCKS"
TOKEN_PATH = "/__mock__/token"  # noqa: S105 - an address # nosec B105
"""Where a mock responds with a token of OAuth2."""
OF_THE_REAL_ONE = {"AUTH": None, "CA": None, "CERT": None, "PROXY": None, "UDS": None, "TRANSPORT": "http1"}
"""Keys of the way to the upstream itself, and what is in their place on the way to its mock."""
FORM = "write quotes=http://127.0.0.1:8101, with commas between several"


@dataclass(frozen=True)
class Mocks:
    """What the variable holds.

    Args:
        urls: of the mocks, by alias.
        page: the address of the page that changes how they behave; empty if there is none.
    """

    urls: Mapping[str, str]
    page: str = ""

    def __str__(self) -> str:
        items = [f"{alias}={url}" for alias, url in self.urls.items()]
        return ",".join([*([self.page] if self.page else []), *items])


def mocks() -> Mocks:
    """Return the mocks of this process; none where the variable is not set.

    Raises:
        ValueError: it has another form.
    """
    urls: dict[str, str] = {}
    page = ""
    for item in filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(","))):
        alias, is_mock, url = item.rpartition("=")
        if not is_mock and "://" not in url:
            raise ValueError(f"{VARIABLE}: {item}: {FORM}")
        try:
            address = BaseUrl(url)
        except ValueError as error:
            raise ValueError(f"{VARIABLE}: {item}: {error}") from None
        if not is_mock:
            page = address
        elif ALIAS.fullmatch(alias):
            urls[alias] = address
        else:
            raise ValueError(f"{VARIABLE}: {item}: {FORM}")
    return Mocks(urls, page)


def with_mocks(upstreams: Any, *, debug: bool) -> tuple[Any, list[str]]:
    """Return a value of `settings.UPSTREAMS` that leads to the mocks, and one sentence for each mistake.

    Nothing that belongs to the real upstream is used: no credential, which a developer need not have, no proxy, and no
    token endpoint.

    Args:
        upstreams: the value; aliases that it does not have are logged, and left out.
        debug: whether mocks are allowed: `settings.DEBUG`.
    """
    if not os.environ.get(VARIABLE):
        return upstreams, []
    if not debug:
        return upstreams, [f"{VARIABLE}: mocks take the place of upstreams only under DEBUG; unset it"]
    try:
        urls = mocks().urls
    except ValueError as error:
        return upstreams, [str(error)]
    if not isinstance(upstreams, Mapping):
        return upstreams, []
    for alias in urls.keys() - upstreams.keys():
        # `make dev` names what was recorded, which need not be in the settings yet.
        logger.warning("%s: %s: not in settings.UPSTREAMS; %s", VARIABLE, alias, suggestion(alias, upstreams))
    return {alias: _mocked(keys, urls.get(alias)) for alias, keys in upstreams.items()}, []


def _mocked(keys: Any, url: str | None) -> Any:
    if url is None or not isinstance(keys, Mapping):
        return keys
    own = OF_THE_REAL_ONE | {"BASE_URL": url, "HEADERS": _without_credentials(keys.get("HEADERS"))}
    auth = keys.get("AUTH")
    if isinstance(auth, Mapping | str) and "OAUTH2" in auth:  # text of JSON, from a variable
        client = {"CLIENT_ID": "mock", "CLIENT_SECRET": "mock"}  # of nobody # nosec B105
        own["AUTH"] = {"OAUTH2": {**client, "TOKEN_URL": url + TOKEN_PATH}}
    return {**keys, **own}


def _without_credentials(headers: Any) -> dict[str, Any]:
    given = headers if isinstance(headers, Mapping) else {}
    return {name: value for name, value in given.items() if str(name).lower() in NO_CREDENTIALS}
