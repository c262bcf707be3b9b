"""A wrong time of a view is refused: where it is written, or by the system checks."""

import re

import pytest
from asgiref.sync import iscoroutinefunction
from django.views import View
from upstreams import conf, request_timeout
from upstreams.asgi.timeout_checks import routes_with_timeouts_exist, timeouts_contain_each_other
from upstreams.clients.checks import timeouts_fit_into_requests
from upstreams.core import request_timeout as module


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    declared = {}
    monkeypatch.setattr(module, "declared", declared)
    return declared


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (0, "expected a number > 0.0"),
        (-1, "expected a number > 0.0"),
        (float("nan"), "expected a number > 0.0"),
        (float("inf"), "expected a number <= 1000000000.0"),
        ("30", "expected a number of seconds"),
        (True, "expected a number of seconds"),
        (None, "expected a number of seconds"),
        (print, "expected a number of seconds"),
    ],
    ids=str,
)
def test_a_wrong_number_is_refused_where_it_is_written(declared, seconds, message):
    with pytest.raises(
        ValueError, match=f"^request_timeout: {re.escape(message)}; write @request_timeout"
    ) as e:
        request_timeout(seconds)
    assert "\n" not in str(e.value)
    assert declared == {}


def test_a_class_is_refused_with_the_way_to_decorate_it():
    with pytest.raises(TypeError, match="for the class View, write @method_decorator"):
        request_timeout(30)(View)


@pytest.mark.parametrize("value", [0, -1, float("nan"), "soon"])
def test_a_wrong_number_of_the_setting_is_one_sentence(settings, value):
    settings.UPSTREAMS_REQUEST_TIMEOUTS = {"admin:index": value}
    (problem,) = conf.parse()[1]
    assert problem.startswith('UPSTREAMS_REQUEST_TIMEOUTS["admin:index"]: expected a number')


def test_a_name_that_no_route_has_gets_the_nearest(settings):
    settings.UPSTREAMS_REQUEST_TIMEOUTS = {
        "admin:indx": 5,
        "admin:login": 5,
        "admin:auth_user_change": 5,
        "testproject.urls.random_quote": 5,
    }
    (error,) = routes_with_timeouts_exist()
    assert error.id == "upstreams.E014"
    assert error.msg == (
        "UPSTREAMS_REQUEST_TIMEOUTS[\"admin:indx\"]: no route has this name; did you mean 'admin:index'?"
    )


def test_the_shutdown_waits_for_the_longest_view(settings):
    settings.UPSTREAMS_REQUEST_TIMEOUTS = {"admin:index": 20}
    request_timeout(30)
    request_timeout(15)
    by_decorator, by_route = timeouts_contain_each_other()
    place = rf"{re.escape(__file__)}:\d+"
    start = "UPSTREAMS_TIMEOUTS: GRACEFUL_SHUTDOWN must be at least"
    assert re.fullmatch(f"{start} 30, the time of request_timeout in {place}", by_decorator.msg)
    assert by_route.msg == f'{start} 20, the time of UPSTREAMS_REQUEST_TIMEOUTS["admin:index"]'
    assert {by_decorator.id, by_route.id} == {"upstreams.E010"}


@pytest.mark.parametrize(("longest", "ids"), [(30, []), (20, ["upstreams.E003"])])
def test_a_call_may_take_as_long_as_the_longest_view(settings, longest, ids):
    settings.UPSTREAMS = {"quotes": {"BASE_URL": "https://quotes.test", "TIMEOUT": 20}}
    request_timeout(longest)
    assert [error.id for error in timeouts_fit_into_requests()] == ids


def test_a_decorated_view_stays_what_it_is():
    async def view(request):
        """It."""

    timed = request_timeout(30)(view)
    assert (iscoroutinefunction(timed), timed.__doc__, timed.__wrapped__) == (True, "It.", view)
