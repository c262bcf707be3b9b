"""A django-ninja API whose errors are problem+json, in its schema too."""

from collections.abc import Callable
from http.client import responses
from json import JSONDecoder
from traceback import clear_frames
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError, ValidationErrorContext
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from upstreams.asgi.error_groups import first_of_group
from upstreams.contrib.ninja.head import add_head, leave_out_head
from upstreams.contrib.ninja.parser import Json
from upstreams.core import context, retry_after
from upstreams.core.validation import MAX_NAME

PROBLEM_TYPE = "application/problem+json"
COMMON_STATUSES = {400, 500, 503, 504}
"""Of any operation: a wrong request, a bug, no free slot or no database, and a timeout."""
BODY_STATUSES = {408, 413}
TOKEN_STATUSES = {401}
MAX_FAULTS = 100
"""Faults of a request that are listed; of more, the first: each takes about 600 bytes and 2 µs."""


class Problem(Schema):
    """An error in the form of RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = ""
    code: str = ""
    request_id: str


class Api(NinjaAPI):
    """An API whose errors are problem+json.

    Args:
        title: of the schema.
        version: of the schema.
        description: of the schema.
        urls_namespace: for `reverse`.
        options: of `NinjaAPI`; `docs_url=None, openapi_url=None` hide the page and the schema.
    """

    def __init__(
        self, *, title: str, version: str, description: str = "", urls_namespace: str = "v1", **options: Any
    ) -> None:
        defaults = {"parser": Json(), "docs_decorator": _docs_decorator()}
        super().__init__(
            title=title,
            version=version,
            description=description,
            urls_namespace=urls_namespace,
            **(defaults | options),
        )

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """The URLs of ninja; the root, which is a 404 there, says what this is and where it is documented."""
        patterns, app_name, namespace = super().urls
        # Private: NinjaAPI._get_bound_routers (ninja 1.7), whose routers the patterns call; see head.py.
        add_head(self._get_bound_routers())
        # Undocumented: the name of ninja's own view of the root. Last, so that an operation of yours wins.
        # tests/package/contrib/ninja/test_index.py asks for the root.
        others = [one for one in patterns if getattr(one, "name", None) != "api-root"]
        return [*others, path("", require_safe(self._index), name="api-root")], app_name, namespace

    def _index(self, request: HttpRequest) -> HttpResponse:
        about = {"title": self.title, "version": self.version, "description": self.description}
        names = {"docs": self.docs_url and "openapi-view", "openapi": self.openapi_url and "openapi-json"}
        links = {key: reverse(f"{self.urls_namespace}:{name}") for key, name in names.items() if name}
        return JsonResponse({key: value for key, value in {**about, **links}.items() if value})

    def get_content_type(self) -> str:
        """Return the type without a charset, which JSON does not have."""
        return "application/json"

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Convert ninja's own errors; raise others for upstreams/asgi/problem_details.py, as all views do."""
        group, exc = exc, first_of_group(exc, HttpError, ValidationError)
        if isinstance(exc, ValidationError):
            # ninja's frames hold it and all errors of the body, in a cycle: some 1 KB for each wrong field.
            clear_frames(exc.__traceback__)
            raise BadRequest(_message(exc.errors[0])) from None
        if not isinstance(exc, HttpError):
            raise group
        if isinstance(exc.__cause__, BadRequest):  # the parser's, which ninja wraps
            error, exc.__cause__ = exc.__cause__, None  # else each would refer to the other
            try:
                raise error
            finally:
                del error
        return _problem_response(exc)

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """Return the faults of a request, or the first of very many."""
        faults = [context.pydantic_validation_error for context in error_contexts]
        if sum(fault.error_count() for fault in faults) <= MAX_FAULTS:
            return super().validation_error_from_error_contexts(error_contexts)
        text = faults[0].json(include_url=False, include_context=False, include_input=False)
        first, _ = JSONDecoder().raw_decode(text, 1)
        model, path = error_contexts[0].model, tuple(first["loc"])
        # Private: the names of ninja (1.7), read as in the method that this one overrides.
        # tests/package/contrib/ninja/test_refused.py compares the messages.
        path = model.__ninja_flatten_map_reverse__.get(path, path)
        return ValidationError([{**first, "loc": (model.__ninja_param_source__, *path)}])

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Return the schema, with the errors that operations do not declare themselves."""
        schema = super().get_openapi_schema(**where)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        leave_out_head(schema["paths"])
        for operations in schema["paths"].values():
            for operation in operations.values():
                _add_problems(operation)
        return schema


def _docs_decorator() -> Callable[[Any], Any] | None:
    policy = getattr(settings, "SECURE_CSP", None)
    if not policy:
        return None
    # Imported only with a policy: Django 5.2 has neither.
    from django.utils.csp import CSP
    from django.views.decorators.csp import csp_override

    decorator: Callable[[Any], Any] = csp_override({**policy, "img-src": [CSP.SELF, "data:"]})
    return decorator  # the page's stylesheet holds its icons


def _problem_response(error: HttpError) -> HttpResponse:
    status = error.status_code
    title = responses.get(status, "Error")
    problem = Problem(
        type="about:blank",
        title=title,
        status=status,
        detail=error.message if error.message != title else "",
        request_id=context.request_id.get() or "",
    )
    content = problem.model_dump_json(exclude_defaults=True)
    response = HttpResponse(content, status=status, content_type=PROBLEM_TYPE)
    if isinstance(error, AuthenticationError):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Throttled) and (seconds := retry_after.header_value(error.wait)) is not None:
        response["Retry-After"] = seconds
    return response


def _message(error: dict[str, Any]) -> str:
    # The source, for a body the name of the argument, then the path of the field.
    source, *path = error["loc"]
    fields = path[1:] if source == "body" else path
    name = ".".join(map(str, fields))
    name = name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…"
    return f"{name or 'the body'}: {error['msg']}"


def _add_problems(operation: dict[str, Any]) -> None:
    statuses = set(COMMON_STATUSES)
    if "requestBody" in operation:
        statuses |= BODY_STATUSES
    if "security" in operation:
        statuses |= TOKEN_STATUSES
    documented = operation["responses"]
    for status in sorted(statuses):
        documented.setdefault(status, {"description": responses[status]})
    for status, response in documented.items():
        if status >= 400:
            schema = {"$ref": REF_TEMPLATE.format(model="Problem")}
            response["content"] = {PROBLEM_TYPE: {"schema": schema}}
