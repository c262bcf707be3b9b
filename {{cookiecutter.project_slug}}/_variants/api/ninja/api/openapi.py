"""The API of this service: django-ninja's, with errors as everywhere else, and all of them in its schema."""

import tomllib
from collections.abc import Collection
from http.client import responses
from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.parser import Parser
from pydantic_core import from_json

from services.core import context

ABOUT = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]

TYPE = "application/problem+json"
ANY = {400, 500, 503, 504}
"""How any operation may fail: the request is wrong, or we are; no room, no database; not in time."""
WITH_BODY = {408, 413}
WITH_TOKEN = {401}

# Its styles hold their icons.
CSP_OF_THE_PAGE: dict[str, Collection[str]] = {**settings.SECURE_CSP, "img-src": [CSP.SELF, "data:"]}


class Problem(Schema):
    """What went wrong, in the form of RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = ""
    code: str = ""
    request_id: str


class Json(Parser):
    """Reads bodies as strictly as the schemas' own JSON mode does, and says where they break off."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return from_json(request.body, allow_inf_nan=False)
        except ValueError as error:
            raise BadRequest(f"the body: Invalid JSON: {error}") from None


class Api(NinjaAPI):
    """Named and numbered as in pyproject.toml."""

    def __init__(self) -> None:
        super().__init__(
            title=ABOUT["name"],
            version=ABOUT["version"],
            description=ABOUT["description"],
            urls_namespace="v1",
            parser=Json(),
            docs_decorator=csp_override(CSP_OF_THE_PAGE),
        )

    def get_content_type(self) -> str:
        """JSON has no charset."""
        return "application/json"

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Leaves what is not ninja's own to server/problems.py, as every other view does."""
        if isinstance(exc, ValidationError):
            raise BadRequest(_complaint(exc.errors[0])) from None
        if not isinstance(exc, HttpError):
            raise exc
        if isinstance(exc.__cause__, BadRequest):  # the parser's, wrapped by ninja
            raise exc.__cause__
        return _problem(exc)

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """The schema; errors that no operation names are in it, too."""
        schema = super().get_openapi_schema(**where)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        for operations in schema["paths"].values():
            for operation in operations.values():
                _add_problems(operation)
        return schema


def _problem(error: HttpError) -> HttpResponse:
    status = error.status_code
    title = responses.get(status, "Error")
    problem = Problem(
        type="about:blank",
        title=title,
        status=status,
        detail=error.message if error.message != title else "",
        request_id=context.request_id.get() or "",
    )
    answer = HttpResponse(problem.model_dump_json(exclude_defaults=True), status=status, content_type=TYPE)
    if isinstance(error, AuthenticationError):
        answer["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Throttled) and error.wait is not None:
        answer["Retry-After"] = str(ceil(error.wait))
    return answer


def _complaint(error: dict[str, Any]) -> str:
    # The source, for a body the name of the argument, then the path of the field.
    source, *path = error["loc"]
    where = path[1:] if source == "body" else path
    return f"{'.'.join(map(str, where)) or 'the body'}: {error['msg']}"


def _add_problems(operation: dict[str, Any]) -> None:
    possible = set(ANY)
    if "requestBody" in operation:
        possible |= WITH_BODY
    if "security" in operation:
        possible |= WITH_TOKEN
    answers = operation["responses"]
    for status in sorted(possible):
        answers.setdefault(status, {"description": responses[status]})
    for status, answer in answers.items():
        if status >= 400:
            schema = {"$ref": REF_TEMPLATE.format(model="Problem")}
            answer["content"] = {TYPE: {"schema": schema}}
