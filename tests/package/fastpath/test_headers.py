"""What answers say of security, which is found out once, is what stock Django says of each."""

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from upstreams.fastpath import middleware

SCOPE = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}


@pytest.mark.parametrize("hsts", [0, 60])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Referrer-Policy": "no-referrer", "cross-origin-opener-policy": "unsafe-none"},
        {"X-Content-Type-Options": "", "Strict-Transport-Security": "max-age=1"},
    ],
    ids=["none", "two", "two others"],
)
def test_headers_are_those_of_stock_django(settings, hsts, scheme, given):
    settings.SECURE_HSTS_SECONDS = hsts
    settings.SECURE_REFERRER_POLICY = "same-origin, origin"
    ours, stock = middleware.SecurityMiddleware(HttpResponse), SecurityMiddleware(HttpResponse)

    def said(by, scheme):
        response = by.process_response(
            ASGIRequest(SCOPE | {"scheme": scheme}, None), HttpResponse(headers=given)
        )
        return list(response.headers.items())

    assert said(ours, scheme) == said(ours, scheme) == said(stock, scheme)
    assert said(ours, "http") == said(stock, "http")


def test_an_answer_without_content_type_gets_none():
    response = HttpResponse()
    del response["Content-Type"]
    ours = middleware.SecurityMiddleware(HttpResponse)
    assert "Content-Type" not in ours.process_response(ASGIRequest(SCOPE, None), response)
