"""A process that receives webhooks and repeated requests is killed, and their senders send again until they hear of it."""

import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from testproject.processes import SECONDS
from upstreams.contrib.webhooks.signatures import sign
from upstreams.core.httpx import httpx
from upstreams.core.inbound import WebhookSecret

pytestmark = pytest.mark.processes

POINTS = [None, "begun", "worked", "committed", "responding"]
"""Where a request has the process killed; None is any moment."""
KINDS = ["webhook/async", "webhook/sync", "repeated/async", "repeated/sync"]
COPIES = 2
"""Of each request, which are sent at the same time."""
MAX_DELAY = 0.04
"""Seconds after which a process is killed, at most, where no request does that: most requests have ended by then."""
KEY = WebhookSecret(f"whsec_{'k' * 32}").key


class Sender:
    """Sends one id, until the response is a success.

    Attributes:
        statuses: of all responses.
        replays: how many of them were stored ones.
    """

    def __init__(self, kind):
        self.kind = kind
        self.id = f"{kind}-{uuid.uuid4()}".replace("/", "-")
        self.statuses = []
        self.replays = 0

    @property
    def is_done(self):
        return any(200 <= status < 300 for status in self.statuses)

    def send(self, client, url, die):
        try:
            response = client.post(f"{url}/{self.kind}", content=b"{}", headers=self._headers() | die)
        except httpx.TransportError:
            return  # the process is dead
        self.statuses.append(response.status_code)
        self.replays += "idempotent-replayed" in response.headers

    def _headers(self):
        if self.kind.startswith("repeated"):
            return {"Idempotency-Key": self.id}
        sent = str(int(time.time()))
        signature = f"v1,{sign(KEY, self.id, sent, b'{}').decode()}"
        return {"webhook-id": self.id, "webhook-timestamp": sent, "webhook-signature": signature}


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=pytest.mark.long)])
def test_each_id_has_one_effect_wherever_the_process_is_killed(service, kills, record_property):
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    senders = []
    with ThreadPoolExecutor(len(KINDS) * COPIES) as threads:
        for number in range(kills):
            (process,) = service.processes(1)
            senders += [Sender(kind) for kind in KINDS]
            waiting = [one for one in senders if not one.is_done]
            point = POINTS[number % len(POINTS)]
            with httpx.Client(timeout=SECONDS) as client:
                sent = [
                    threads.submit(
                        one.send, client, process.url, {"X-Die": point} if point and one is dying else {}
                    )
                    for dying in [dice.choice(waiting[-len(KINDS) :])]
                    for one in waiting
                    for _ in range(COPIES)
                ]
                if point is None:
                    time.sleep(dice.uniform(0, MAX_DELAY))  # the moment is what differs
                    process.kill()
                process.wait(SECONDS)
                [one.result(SECONDS) for one in sent]
        (process,) = service.processes(1)
        with httpx.Client(timeout=SECONDS) as client:
            ends = time.monotonic() + SECONDS
            while waiting := [one for one in senders if not one.is_done]:
                assert time.monotonic() < ends
                for one in waiting:
                    one.send(client, process.url, {})
    effects = service.effects()
    wrong = {one.id: (effects[one.id], one.statuses) for one in senders if effects[one.id] != 1}
    assert wrong == {}, f"seed {seed}"
    figures = {
        "kills": kills,
        "ids": len(senders),
        "killed after the effect": sum(one.replays > 0 for one in senders),
        "409": sum(one.statuses.count(409) for one in senders),
        "statuses": sorted({status for one in senders for status in one.statuses}),
    }
    record_property("figures", figures)
    print(figures)
    assert set(figures["statuses"]) <= {201, 202, 409, 503}
