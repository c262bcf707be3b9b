"""Django's request with lazy attributes, which middleware sets when they are first read.

An attribute that refers back to the request, such as its user, is a reference cycle that only the garbage collector
frees, at more cost than the middleware itself. Most API requests never read it.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

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

    def __init__(self, *args: Any) -> None:
        self.lazy_attributes: dict[str, Callable[[HttpRequest], object]] = {}
        super().__init__(*args)

    def __getattr__(self, name: str) -> Any:
        hook = vars(self).get("lazy_attributes", {}).get(name)
        if hook is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        already = {**vars(self)}
        hook(self)
        vars(self).update(already)  # what the project has set itself stays
        return vars(self)[name]

    def get_host(self) -> str:
        """Return the requested host if it is allowed, from a cache: most requests name the same host."""
        # Private: HttpRequest._get_raw_host (Django 6.1), called as in the get_host that this one overrides.
        # tests/package/fastpath/test_leaned_on.py compares both.
        host = self._get_raw_host()
        is_short = len(host) <= MAX_HOST_LENGTH
        return host if is_short and _is_allowed(host, tuple(settings.ALLOWED_HOSTS)) else super().get_host()


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
