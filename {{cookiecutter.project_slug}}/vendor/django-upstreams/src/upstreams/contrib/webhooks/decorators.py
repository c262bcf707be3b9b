"""`@webhook("billing")` makes a view receive the webhooks of a source."""

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, Concatenate, Protocol, overload

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from upstreams import conf
from upstreams.asgi.problem_details import problem
from upstreams.contrib.webhooks.delivery import Delivery
from upstreams.contrib.webhooks.signatures import InvalidWebhook, verify
from upstreams.core.keys import suggestion

SOURCE = "webhook_source"
"""The attribute of a view by which a system check finds its source."""

type View[**P, R] = Callable[Concatenate[HttpRequest, P], R]
type Async[R] = Coroutine[Any, Any, R]


class Decorator(Protocol):
    """Takes a sync or an async view that may return None, and returns one that does not."""

    @overload
    def __call__[**P](
        self, view: View[P, Async[HttpResponseBase | None]], /
    ) -> View[P, Async[HttpResponseBase]]: ...
    @overload
    def __call__[**P](self, view: View[P, HttpResponseBase | None], /) -> View[P, HttpResponseBase]: ...


def webhook(source: str) -> Decorator:
    """Decorate a view that receives webhooks, signed as the Standard Webhooks specification says.

    The view is called once for one `webhook-id`, in a transaction that holds the id as well. If it returns None, the
    response is a 202. If it raises, or returns a status from 400 on, all is rolled back and the sender tries again. A
    webhook that has arrived before is a 202 without a call.

    Args:
        source: the key in `UPSTREAMS_WEBHOOKS`.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        received: Callable[..., Any]
        if iscoroutinefunction(view):

            @wraps(view)
            async def received(request: HttpRequest, /, *args: Any, **kwargs: Any) -> Any:
                found = _accept(source, request)
                if isinstance(found, HttpResponse):
                    return found
                return await found.arun(partial(view, request, *args, **kwargs))

        else:

            @wraps(view)
            def received(request: HttpRequest, /, *args: Any, **kwargs: Any) -> Any:
                found = _accept(source, request)
                if isinstance(found, HttpResponse):
                    return found
                return found.run(partial(view, request, *args, **kwargs))

        setattr(received, SOURCE, source)
        return csrf_exempt(received)

    return decorate


def _accept(source: str, request: HttpRequest) -> Delivery | HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    sources = conf.current().webhooks
    if source not in sources:
        raise ImproperlyConfigured(unknown(source))
    try:
        webhook_id = verify(sources[source], request.headers, request.body)
    except InvalidWebhook as error:
        return problem(error.status, {"detail": str(error)})
    return Delivery(source, webhook_id)


def unknown(source: str) -> str:
    """Return the sentence for a source that is not in the settings."""
    return (
        f'@webhook("{source}"): is not in UPSTREAMS_WEBHOOKS; {suggestion(source, conf.parse()[0].webhooks)}'
    )
