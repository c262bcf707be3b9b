"""`request_timeout`: a view that may take longer than other views, or must take less."""

import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from asgiref.sync import iscoroutinefunction

from upstreams.core import context
from upstreams.core.fields import Seconds
from upstreams.core.keys import key_of
from upstreams.core.validation import ValidationError, convert

key_of_route = key_of("UPSTREAMS_REQUEST_TIMEOUTS")
"""Return how messages name the entry of a route in the setting."""
declared: dict[str, float] = {}
"""The place of each decorator in the code -> its seconds, for the system checks."""


def request_timeout[View: Callable[..., Any]](seconds: float) -> Callable[[View], View]:
    """Give a view a time of its own until its response begins, instead of `UPSTREAMS_TIMEOUTS["REQUEST"]`.

    Upstream calls of the view inherit the deadline. `UPSTREAMS_REQUEST_TIMEOUTS` overrides the decorator; of two
    decorators, the inner one counts. Outside of `get_asgi_application` it bounds the upstream calls alone, and nothing
    where the request has no deadline.

    Args:
        seconds: more than 0, and at most `UPSTREAMS_TIMEOUTS["GRACEFUL_SHUTDOWN"]`.

    Returns:
        A decorator of functions and methods, sync or async; `method_decorator` makes it one of classes.

    Raises:
        ValueError: the seconds are no such number.
    """
    key = f"request_timeout({_checked(seconds):.3g})"
    # Private: sys._getframe (CPython). It only reads, as warnings do; asgi/test_request_timeout_checks.py watches it.
    caller = sys._getframe(1)
    declared[f"{caller.f_code.co_filename}:{caller.f_lineno}"] = seconds
    return functools.partial(_decorate, functools.partial(_begin, seconds, key))


def _checked(seconds: Any) -> float:
    try:
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise ValidationError("", "expected a number of seconds")
        return float(convert(seconds, Seconds))
    except ValidationError as error:
        raise ValueError(f"request_timeout: {error.message}; write @request_timeout(30)") from None


def _begin(seconds: float, key: str) -> None:
    deadline = context.deadline.get()
    if deadline is not None:
        deadline.move(seconds, key)


def _decorate[View: Callable[..., Any]](begin: Callable[[], None], view: View) -> View:
    if isinstance(view, type):
        raise TypeError(
            f"request_timeout: decorates functions and methods; for the class {view.__qualname__}, write "
            '@method_decorator(request_timeout(30), name="dispatch")'
        )

    async def timed_async(*args: Any, **kwargs: Any) -> Any:
        begin()
        return await view(*args, **kwargs)

    def timed(*args: Any, **kwargs: Any) -> Any:
        begin()
        return view(*args, **kwargs)

    wrapper: Any = timed_async if iscoroutinefunction(view) else timed
    if isinstance(view, FunctionType):
        # With the globals of the view, in which django-ninja evaluates annotations that are text.
        wrapper = FunctionType(wrapper.__code__, view.__globals__, closure=wrapper.__closure__)
    functools.update_wrapper(wrapper, view)
    timed_view: View = wrapper
    return timed_view
