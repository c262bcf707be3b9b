"""Which receivers the fast path knows, so that it can do their work itself."""

import pytest
from django.core.signals import request_finished, request_started
from upstreams.fastpath.signals import SignalReceivers


@pytest.mark.parametrize("signal", [request_started, request_finished], ids=["started", "finished"])
def test_django_connects_no_other_receivers_than_we_know(signal):
    assert SignalReceivers(signal).only_builtin_receivers


@pytest.mark.parametrize("signal", [request_started, request_finished], ids=["started", "finished"])
def test_a_receiver_of_a_project_is_seen_while_it_is_connected(signal):
    def receiver(**_):
        pass

    receivers = SignalReceivers(signal)
    signal.connect(receiver)
    before = receivers.only_builtin_receivers
    signal.disconnect(receiver)
    assert (before, receivers.only_builtin_receivers) == (False, True)
