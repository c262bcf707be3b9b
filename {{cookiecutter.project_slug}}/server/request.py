"""Django's request, whose middleware may add attributes that are made when they are first read.

What refers back to its request, such as its user, is a cycle: garbage that only Python's collector finds,
at more cost than all that a middleware does. Most requests for data never ask for it.
"""

from collections.abc import Callable
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest


class Request(ASGIRequest):
    """Has `promised` attributes.

    Attributes:
        promised: name -> a middleware's hook, which sets the attribute of that name, maybe others too.
    """

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
