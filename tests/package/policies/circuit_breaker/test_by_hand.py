"""A circuit breaker that an operator opens and resets."""

import pickle

from upstreams import UpstreamCircuitOpen

from policies.circuit_breaker.breakers import breaker, opened
from policies.doubles import Upstream, request, send


async def test_it_stays_open_until_it_is_reset(clock):
    upstream = Upstream(200)
    policy = breaker(upstream, clock)
    policy.force_open("by ada")
    clock.seconds += 1e9
    (refused,) = await send(policy)
    assert isinstance(refused, UpstreamCircuitOpen)
    assert str(refused).endswith("the circuit breaker is open: by ada; reset it when the upstream is well")
    assert (refused.retry_after, refused.limit, upstream.calls) == (None, None, 0)
    assert (policy.state, policy.is_forced_open) == ("open", True)
    policy.reset("by bob")
    await send(policy)
    assert (policy.state, policy.is_forced_open, upstream.calls) == ("closed", False, 1)


async def test_its_error_can_be_pickled(clock):
    policy = breaker(Upstream(200), clock)
    policy.force_open("by ada")
    (refused,) = await send(policy)
    assert str(pickle.loads(pickle.dumps(refused))) == str(refused)


async def test_no_probe_passes_while_it_is_held_open(clock):
    upstream = Upstream(200)
    policy = breaker(upstream, clock)
    policy.force_open("by ada")
    policy.allow_probe()
    await send(policy)
    assert upstream.calls == 0


async def test_a_call_that_began_before_it_was_opened_does_not_close_it(clock):
    policy = breaker(Upstream(200), clock)

    class Opening(Upstream):
        async def handle_async_request(self, one):
            policy.force_open("by ada")
            return await super().handle_async_request(one)

    policy._inner = Opening(200)
    await policy.handle_async_request(request())
    assert policy.is_forced_open


async def test_a_probe_may_come_before_its_time(clock):
    policy, upstream = await opened(clock, 500, 200)
    await send(policy)  # the probe fails, and the next one is later
    assert policy.state == "open"
    policy.allow_probe()
    await send(policy, 2)
    assert (policy.state, upstream.calls) == ("closed", 8)


async def test_a_reset_forgets_how_long_the_upstream_failed(clock):
    policy, _ = await opened(clock)
    for _ in range(5):
        await send(policy)
        clock.seconds += (await send(policy))[0].retry_after
    policy.reset("by ada")
    await send(policy, 5)
    assert (await send(policy))[0].retry_after == 1


async def test_its_last_change_has_a_reason(clock):
    policy, _ = await opened(clock, 200)
    reasons = [policy.last_change.why]
    await send(policy)
    reasons.append(policy.last_change.why)
    policy.force_open("by ada")
    reasons.append(policy.last_change.why)
    policy.reset("by bob")
    assert [*reasons, policy.last_change.why] == [
        "the last 5 calls got no connection (BREAKER_CONNECT_FAILURES, 5 calls)",
        "a probe succeeded",
        "by ada",
        "by bob",
    ]


async def test_a_breaker_that_never_changed_has_no_change(clock):
    policy = breaker(Upstream(200), clock)
    await send(policy, 3)
    assert policy.last_change is None
