"""What of Django our ASGI handler leans on."""

import hashlib
import inspect

from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.http.response import ResponseHeaders
from django.middleware import csp, csrf, security
from django.utils.datastructures import CaseInsensitiveMapping
from django.utils.deprecation import MiddlewareMixin


def digest(*functions):
    return hashlib.sha256("".join(map(inspect.getsource, functions)).encode()).hexdigest()[:16]


def test_what_the_handler_leans_on_is_what_it_was():
    leaned_on = (
        ASGIHandler.__call__,
        ASGIHandler.handle,
        ASGIHandler.read_body,
        ASGIHandler.create_request,
        ASGIHandler.run_get_response,
        ASGIHandler.listen_for_disconnect,
        ASGIHandler.send_response,
        BaseHandler.get_response_async,
        BaseHandler._get_response_async,
        BaseHandler.make_view_atomic,
        BaseHandler.load_middleware,
        BaseHandler.resolve_request,
        BaseHandler.check_response,
        BaseHandler.process_exception_by_middleware,
        convert_exception_to_response,
        HttpRequest._get_raw_host,
        HttpRequest.get_host,
        HttpResponse.close,
        CaseInsensitiveMapping,
        ResponseHeaders,
        MiddlewareMixin.__acall__,
        Signal.connect,
        csp.ContentSecurityPolicyMiddleware,
        csrf.CsrfViewMiddleware.process_view,
        messages.MessageMiddleware,
        security.SecurityMiddleware.process_response,
        sessions.SessionMiddleware,
    )
    assert digest(*leaned_on) == "df71e12b256d389b", (
        "compare Django's changes with upstreams/fastpath/{handler,view_dispatch,inline_middleware,middleware,request}.py, "
        "then record the new digest"
    )
