"""A span for work that no request waits for, in the trace of the request that started it."""

from opentelemetry import trace
from testproject.quotes import quotes
from upstreams import spawn
from upstreams.clients import registry


async def done():
    await next(iter(registry.clients_by_loop.values())).background.wait_until_idle()


async def test_spawned_work_goes_on_in_the_trace_it_was_started_from(spans, upstream_mock, lifespan):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    with trace.get_tracer("test").start_as_current_span("request"):
        spawn(quotes.random())
    await done()
    request, attempt, work = spans()
    assert (work.name, work.parent.span_id) == ("spawned Quotes.random", request.context.span_id)
    assert attempt.parent.span_id == work.context.span_id


async def test_the_span_of_work_that_failed_says_so_without_its_words(spans, lifespan):
    async def fails():
        raise LookupError("canary")

    spawn(fails())
    await done()
    (work,) = spans()
    assert work.attributes == {"error.type": "LookupError"}
    assert work.events == ()
    assert "canary" not in str(work.status.description)
