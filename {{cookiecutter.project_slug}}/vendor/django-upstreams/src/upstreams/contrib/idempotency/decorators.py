"""`@idempotent` gives requests that a client repeats under one `Idempotency-Key` one response.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, overload

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException

from upstreams.asgi.problem_details import problem
from upstreams.contrib.idempotency.keyed_request import KeyedRequest
from upstreams.contrib.idempotency.keys import (
    FORM,
    HEADER,
    Identity,
    aidentity_of,
    digest,
    identity_of,
    parse,
)

METHODS = ("POST", "PATCH")
"""Those that are not idempotent by themselves (RFC 9110 §9.2.2)."""


@overload
def idempotent[V: Callable[..., Any]](view: V, /) -> V: ...
@overload
def idempotent[V: Callable[..., Any]](
    *, required: bool = False, identity: Identity | None = None
) -> Callable[[V], V]: ...


def idempotent(view: Any = None, /, *, required: bool = False, identity: Identity | None = None) -> Any:
    """Decorate a view whose POST and PATCH a client may repeat under one `Idempotency-Key`.

    The view runs in a transaction that stores its response as well, and runs once for one key. The next requests with
    the key get the stored response; a 409 while the first one is in progress, and a 422 if they differ from it. What
    raises, and a response that asks the client to try again, is rolled back and not stored.

    Args:
        view: sync or async.
        required: respond with a 400 to a request without a key.
        identity: returns who the client is, whose keys are then its own: an id or text. By default that is the user
            who was authenticated before the view, or else the header `Authorization`.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        if iscoroutinefunction(view):

            @wraps(view)
            async def arepeated(request: HttpRequest, /, *args: Any, **kwargs: Any) -> Any:
                key = _key(request, required)
                if key is None:
                    return await view(request, *args, **kwargs)
                if isinstance(key, HttpResponse):
                    return key
                client = await aidentity_of(request) if identity is None else str(identity(request))

                async def call() -> Any:
                    response = await view(request, *args, **kwargs)
                    if identity is None and await aidentity_of(request) != client:
                        raise ImproperlyConfigured(_misplaced(view))
                    return response

                return await _keyed(request, key, client).arun(call)

            return arepeated

        @wraps(view)
        def repeated(request: HttpRequest, /, *args: Any, **kwargs: Any) -> Any:
            key = _key(request, required)
            if key is None:
                return view(request, *args, **kwargs)
            if isinstance(key, HttpResponse):
                return key
            client = identity_of(request) if identity is None else str(identity(request))

            def call() -> Any:
                response = view(request, *args, **kwargs)
                if identity is None and identity_of(request) != client:
                    raise ImproperlyConfigured(_misplaced(view))
                return response

            return _keyed(request, key, client).run(call)

        return repeated

    return decorate if view is None else decorate(view)


def _key(request: HttpRequest, required: bool) -> str | HttpResponse | None:
    if request.method not in METHODS:
        return None
    header = request.headers.get(HEADER)
    if header is None:
        return problem(400, {"detail": f"{HEADER}: is missing; {FORM}"}) if required else None
    return parse(header) or problem(400, {"detail": f"{HEADER}: {FORM}"})


def _keyed(request: HttpRequest, key: str, client: str) -> KeyedRequest:
    match = request.resolver_match
    route = match.route if match is not None else request.path_info
    try:
        body = request.body
    except RawPostDataException:
        raise ImproperlyConfigured(
            "@idempotent: the body was read as a form before the view, by the CSRF check: make the view csrf_exempt, "
            "as one of an API"
        ) from None
    fingerprint = digest(request.method or "", request.get_full_path(), body)
    return KeyedRequest(digest(client, route, key), fingerprint)


def _misplaced(view: Callable[..., Any]) -> str:
    return (
        f"@idempotent: {view.__module__}.{view.__qualname__} authenticates its client itself, so that clients would share "
        "their keys: put @idempotent below the decorator that authenticates, or give it identity="
    )
