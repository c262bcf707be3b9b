"""Django's request, whose middleware may add attributes that are made when they are first read.

What refers back to its request, such as its user, is a cycle: garbage that only Python's collector finds,
at more cost than all that a middleware does. Most requests for data never ask for it.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host


class Request(ASGIRequest):
    """Has `promised` attributes.

    Attributes:
        promised: name -> a middleware's hook, which sets the attribute of that name, maybe others too.
    """

    csrf_processing_done = False  # else Django's look for it goes through `__getattr__`, and raises

    def __init__(self, *args: Any) -> None:
        self.promised: dict[str, Callable[[HttpRequest], object]] = {}
        super().__init__(*args)

    def __getattr__(self, name: str) -> Any:
        hook = vars(self).get("promised", {}).get(name)
        if hook is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        already = {**vars(self)}
        hook(self)
        vars(self).update(already)
        return vars(self)[name]

    def get_host(self) -> str:
        """The host that the client asked, if it is allowed: most ask the same as the one before them."""
        host = self._get_raw_host()
        return host if _is_allowed(host, tuple(settings.ALLOWED_HOSTS)) else super().get_host()


@functools.lru_cache(maxsize=64)
def _is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return domain != "" and validate_host(domain, allowed)


def promise(request: HttpRequest, hook: Callable[[HttpRequest], object], *names: str) -> None:
    """Have a hook run when one of the attributes that it sets is first read; at once, for a request of another kind.

    Args:
        request: may be any.
        hook: a middleware's.
        names: of the attributes.
    """
    if isinstance(request, Request):
        for name in names:
            request.promised[name] = hook
    else:
        hook(request)


def has(request: HttpRequest, name: str) -> bool:
    """Whether an attribute is there or promised; that it is asked for does not make it."""
    return name in getattr(request, "promised", ()) or hasattr(request, name)
