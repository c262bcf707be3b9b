"""The requests of the corpus, as callers write them, and the bytes that are sent for them."""

import pytest
from upstreams import Upstream, open_clients

from transport.corpus.players.capture import CaptureServer, parsed
from transport.corpus.requests import REQUEST_TOPICS, REQUESTS


def test_the_corpus_is_as_large_as_it_says():
    assert len(REQUESTS) == sum(map(len, REQUEST_TOPICS.values())) >= 100
    assert [name for name, case in REQUESTS.items() if not case.source] == []


@pytest.mark.parametrize("topic", REQUEST_TOPICS)
async def test_requests_are_sent_as_written(settings, topic):
    cases = REQUEST_TOPICS[topic]
    with CaptureServer(cases) as server:
        aliases = {name: f"case{number}" for number, name in enumerate(cases)}
        settings.UPSTREAMS = {
            aliases[name]: {"BASE_URL": f"http://127.0.0.1:{server.ports[name]}{case.base}", **case.keys}
            for name, case in cases.items()
        }
        async with open_clients():
            for name, case in cases.items():
                call = dict(case.call)
                where = call.pop("method"), call.pop("path")
                await Upstream(aliases[name]).request(*where, **call.pop("parameters", {}), **call)
        found = {name: parsed(server.received[name]) for name in cases}
    expected = {
        name: (case.call["method"], case.target, case.fields, case.body) for name, case in cases.items()
    }
    sent = {
        name: (method, target, {one: fields.get(one) for one in cases[name].fields}, body)
        for name, (method, target, fields, body) in found.items()
    }
    assert {name: one for name, one in sent.items() if one != expected[name]} == {}
    assert [name for name in cases if found[name][2]["host"] != f"127.0.0.1:{server.ports[name]}"] == []
