"""Django's request with lazy attributes, which are set when they are first read: META, and what middleware sets.

An attribute that refers back to the request, such as its user, is a reference cycle that only the garbage collector
frees, at more cost than the middleware itself. Most API requests never read it.
"""

import functools
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port, validate_host

from upstreams.fastpath.setting import setting

MAX_HOST_LENGTH = 260
"""Characters of a host and its port that are remembered; a name has up to 253 (RFC 1035 §2.3.4)."""


class Request(ASGIRequest):
    """A request with lazy attributes.

    Attributes:
        lazy_attributes: name -> a middleware's hook, which sets the attribute of that name and maybe others.
    """

    # Undocumented: CsrfViewMiddleware looks for csrf_processing_done (Django 6.1). Without this default, each look
    # would go through __getattr__ and raise. tests/package/fastpath/test_leaned_on.py compares its process_view.
    csrf_processing_done = False

    # Private: _post_parse_error, _read_started and _stream, which ASGIRequest.__init__ sets besides META (Django 6.1),
    # here from the same values. tests/package/fastpath/test_lazy_meta.py compares all attributes of many requests.
    def __init__(self, scope: dict[str, Any], body: Any) -> None:
        self.lazy_attributes: dict[str, Callable[[HttpRequest], object]] = {}
        is_plain = (
            not (scope.get("root_path") or setting("FORCE_SCRIPT_NAME"))
            and scope.get("query_string", b"").isascii()
        )
        # A Content-Type may be a bad request, and decides on the encoding of the form.
        if not is_plain or any(name == b"content-type" for name, _ in scope["headers"]):
            super().__init__(scope, body)
            return
        self.scope, self._stream = scope, body
        self._post_parse_error = self._read_started = False
        self.resolver_match = None
        self.path = self.path_info = scope["path"]
        self.script_name, self.method = "", scope["method"].upper()
        self.content_type, self.content_params = "", {}
        self.lazy_attributes["META"] = _read_meta

    def __getattr__(self, name: str) -> Any:
        hook = vars(self).get("lazy_attributes", {}).get(name)
        if hook is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        already = {**vars(self)}
        hook(self)
        vars(self).update(already)  # what the project has set itself stays
        return vars(self)[name]

    @property
    def has_meta(self) -> bool:
        """Whether META was read, and may have been changed."""
        return "META" in self.__dict__

    def header(self, name: bytes) -> str | None:
        """Return a header as META has it, without reading all of them; None if META is needed to know.

        Args:
            name: in lower case. Without such a header, the result is empty.
        """
        if self.has_meta:
            return None
        found = [value for key, value in self.scope["headers"] if key == name]
        if len(found) > 1:
            return None
        return found[0].decode("latin1") if found else ""

    @cached_property
    def COOKIES(self) -> dict[str, str]:  # type: ignore[override] # in ASGIRequest it is a cached_property too
        """The cookies; most requests of APIs have none."""
        return {} if self.header(b"cookie") == "" else parse_cookie(self.META.get("HTTP_COOKIE", ""))

    def get_host(self) -> str:
        """Return the requested host if it is allowed, from a cache: most requests name the same host."""
        # Private: HttpRequest._get_raw_host (Django 6.1), called as in the get_host that this one overrides.
        # tests/package/fastpath/test_leaned_on.py compares both.
        host = (not setting("USE_X_FORWARDED_HOST") and self.header(b"host")) or self._get_raw_host()
        is_short = len(host) <= MAX_HOST_LENGTH
        return host if is_short and _is_allowed(host, tuple(setting("ALLOWED_HOSTS"))) else super().get_host()


def _read_meta(request: HttpRequest) -> None:
    ASGIRequest.__init__(request, request.scope, request._stream)  # type: ignore[attr-defined,arg-type]


@functools.lru_cache(maxsize=64)
def _is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    # Undocumented: split_domain_port and validate_host (Django 6.1), called as in HttpRequest.get_host.
    # tests/package/fastpath/test_request.py compares the results with stock Django's.
    domain, _ = split_domain_port(host)
    return domain != "" and validate_host(domain, allowed)


def set_lazy_attribute(request: HttpRequest, hook: Callable[[HttpRequest], object], *names: str) -> None:
    """Run a hook when one of the attributes that it sets is first read; run it at once if the request is not ours.

    Args:
        request: of any class.
        hook: a middleware's.
        names: of the attributes.
    """
    if isinstance(request, Request):
        for name in names:
            request.lazy_attributes[name] = hook
    else:
        hook(request)


def has_attribute(request: HttpRequest, name: str) -> bool:
    """Return whether the attribute exists or is lazy, without evaluating it."""
    return name in getattr(request, "lazy_attributes", ()) or hasattr(request, name)
