"""Metrics of requests."""

import pytest
from upstreams.asgi import metrics

from metrics.scraping import scrape

DURATION = 'http_request_duration_seconds_sum{route="%s"}'
REQUEST = 'http_requests_total{method="%s",route="%s",status="%s"}'


@pytest.mark.parametrize(
    ("method", "route", "status", "labels"),
    [
        ("GET", "quotes/by/<str:author>", 200, ("GET", "quotes/by/<str:author>", "200")),
        ("BREW", "", 404, ("OTHER", "(none)", "404")),
    ],
)
async def test_a_request_is_counted(grown, method, route, status, labels):
    metrics.request_ended(method, route, status, 0.02)
    now = await grown()
    assert now[REQUEST % labels] == 1
    assert now[DURATION % labels[1]] == pytest.approx(0.02)


async def test_methods_that_nobody_knows_make_one_series(grown):
    before = await scrape()
    metrics.request_ended("CANARY1", "", 405, 0)
    metrics.request_ended("CANARY2", "", 405, 0)
    assert len(set(await scrape()) - set(before)) <= 1
    assert (await grown())[REQUEST % ("OTHER", "(none)", 405)] == 2


async def test_the_state_of_the_service_is_seen(grown):
    metrics.requests_in_flight.inc()
    metrics.streams_in_flight.inc(2)
    metrics.rejected("in flight")
    metrics.loop_lag(0.2)
    now = await grown()
    metrics.requests_in_flight.dec()
    metrics.streams_in_flight.dec(2)
    assert (now["http_requests_in_flight"], now["http_streams_in_flight"]) == (1, 2)
    assert now['http_requests_rejected_total{reason="in flight"}'] == 1
    below = [now[f'event_loop_lag_seconds_bucket{{le="{bound}"}}'] for bound in ("0.1", "0.25")]
    assert below[0] < below[1]  # the loop's own lag is among them
