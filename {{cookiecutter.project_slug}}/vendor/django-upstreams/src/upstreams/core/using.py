"""What calls have of a tenant, instead of the address and the credentials of their upstream."""

from typing import Any

from django.conf import settings
from msgspec import UNSET, UnsetType

from upstreams.core.call import Call
from upstreams.core.definition import Definition, configured
from upstreams.core.errors import UnsafeRequest
from upstreams.core.fields import Auth, HeaderMap
from upstreams.core.httpx import Request, httpx
from upstreams.core.keys import read_value
from upstreams.core.tenant import Tenant
from upstreams.core.url_fields import BaseUrl, is_plain_http, origin, origin_of_settings
from upstreams.core.urls import NO_CREDENTIALS
from upstreams.core.user_tokens import UserToken

KEPT_ELSEWHERE = NO_CREDENTIALS - {"host"}
"""Headers of the settings that are sent to another origin, too."""


class Using:
    """What one tenant has of its own; the rest is that of the upstream.

    Args:
        alias: of the upstream.
        before: of the object that it is made from.
        base_url: instead of `BASE_URL`.
        auth: instead of `AUTH`.
        headers: in addition to `HEADERS`, or instead of those that have the same names.

    Raises:
        UnsafeRequest: one of them is not valid; each may be a tenant's input.
    """

    def __init__(self, alias: str, before: "Using | None", base_url: Any, auth: Any, headers: Any) -> None:
        self.base_url: BaseUrl | None = before.base_url if before else None
        self.origin: tuple[str, bytes, int | None] | None = before.origin if before else None
        self.auth: Auth | UnsetType | None = before.auth if before else UNSET
        self.headers: HeaderMap = HeaderMap({})
        self._alias = alias
        self._tenant: Tenant | None = None
        self._definition: Definition | None = None
        if base_url is not UNSET:
            url = self._url(self._read("base_url", base_url, BaseUrl))
            self.base_url, self.origin = BaseUrl(str(url)), origin(url)  # one form for each host
        if auth is not UNSET:
            is_read = auth is None or isinstance(auth, UserToken)
            self.auth = auth if is_read else self._read("auth", auth, Auth)
        given = HeaderMap({}) if headers is UNSET else self._read("headers", headers, HeaderMap)
        for one in (before.headers if before else HeaderMap({}), given):
            for name in (*one, *one.changing):
                self.headers.pop(name, None)
                self.headers.changing.pop(name, None)
            self.headers.update(one)
            self.headers.changing.update(one.changing)
        sends_it = isinstance(self.auth, UserToken) or (isinstance(self.auth, Auth) and not self.auth.signer)
        if sends_it and "authorization" in {*self.headers, *self.headers.changing}:
            raise self._refused("headers=: auth sends Authorization already; pass only one of them")

    def bind(self, call: Call) -> None:
        """Make a call one of the tenant.

        Raises:
            UnsafeRequest: its address is plain HTTP, which the settings do not allow.
        """
        definition = configured().get(self._alias)
        if definition is None:  # which the call reports
            return
        if self._tenant is None or self._definition is not definition:
            self._tenant, self._definition = self._completed(definition), definition
        call.tenant, call.is_foreign = self._tenant, self._tenant.is_foreign

    def _completed(self, definition: Definition) -> Tenant:
        base_url = self.base_url or definition.base_url
        urls: list[str] = [base_url]
        if isinstance(self.auth, Auth) and self.auth.oauth2 is not None:
            urls.append(self.auth.oauth2.token_url)
        if not settings.DEBUG and not definition.allow_http and any(map(is_plain_http, urls)):
            raise self._refused("the tenant has plain HTTP in production; only https:// is allowed")
        is_foreign = self.origin is not None and self.origin != origin_of_settings(definition.base_url)
        # Neither beside a credential of the tenant's own, nor at an origin that is not that of the settings.
        left_out = {"authorization"} if is_foreign or self.auth is not UNSET else set()
        shared = {
            name: value
            for name, value in definition.headers.items()
            if name not in left_out and (not is_foreign or name in KEPT_ELSEWHERE)
        }
        sent = Request("GET", base_url, headers={**shared, **self.headers}).headers
        sent.encoding = "ascii"  # as `Definition.sent_headers`
        auth = self.auth if self.auth is not UNSET else None if is_foreign else definition.auth
        files = {} if is_foreign else definition.headers.changing
        changing = {name: one for name, one in files.items() if name not in {*left_out, *self.headers}}
        own = self.base_url, self.auth, {**self.headers, **self.headers.changing}
        return Tenant(base_url, is_foreign, sent, auth, {**changing, **self.headers.changing}, own)

    def _url(self, text: BaseUrl) -> httpx.URL:
        try:
            return httpx.URL(text)
        except (httpx.InvalidURL, UnicodeError):
            raise self._refused("base_url: the host or the port is not valid") from None

    def _read(self, name: str, value: Any, kind: Any) -> Any:
        found, problems = read_value(value, kind, name)
        if value is None:
            problems = [f"{name}: is None; leave it out for that of the upstream"]
        if problems:
            raise self._refused("; ".join(problems))
        return found

    def _refused(self, what: str) -> UnsafeRequest:
        error = UnsafeRequest(f"upstream {self._alias}: using: {what}")
        error.alias = self._alias
        return error
