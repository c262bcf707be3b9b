"""The recorded outcomes of other clients, the reasons of all differences, and the page that shows both."""

from collections import Counter

import pytest

for client in ("aiohttp", "httpx2", "requests"):
    pytest.importorskip(client, reason=f"{client} is not installed here")

from transport.corpus.players.asking import ask, expected
from transport.corpus.record import play, sent, versions
from transport.corpus.refused import REFUSED
from transport.corpus.request_tables import DIFFERENCES, recorded_requests, sent_alike, with_request_tables
from transport.corpus.requests import REQUESTS
from transport.corpus.responses import RESPONSES
from transport.corpus.tables import CLIENTS, PAGE, agreeing, recorded, result, with_tables
from transport.corpus.understood import READ


def test_each_response_is_recorded_as_it_is_played():
    found = {name: outcomes["sent"] for name, outcomes in recorded()["outcomes"].items()}
    assert found == {name: sent(case) for name, case in RESPONSES.items()}, "run transport.corpus.record"


def test_each_difference_has_one_reason():
    differ = {name for name in RESPONSES if any(not agreeing(client, [name]) for client in CLIENTS)}
    explained = Counter(name for difference in (*REFUSED, *READ) for name in difference.names)
    assert (differ - explained.keys(), explained.keys() - differ) == (set(), set())
    assert [name for name, times in explained.items() if times > 1] == []


def test_reasons_of_refusals_are_those_of_refusals():
    assert [name for one in REFUSED for name in one.names if RESPONSES[name].outcome.status] == []
    assert [name for one in READ for name in one.names if not RESPONSES[name].outcome.status] == []


def test_the_page_shows_the_record():
    page = PAGE.read_text()
    assert page == with_request_tables(with_tables(page)), "run transport.corpus.record"


def test_each_request_is_recorded_as_it_is_sent():
    found = {name: outcomes["sent"] for name, outcomes in recorded_requests()["outcomes"].items()}
    assert found == {name: expected(case) for name, case in REQUESTS.items()}, "run transport.corpus.record"


def test_each_difference_of_requests_has_one_reason():
    differ = {name for name in REQUESTS if any(not sent_alike(client, [name]) for client in CLIENTS)}
    assert sorted(name for difference in DIFFERENCES for name in difference.names) == sorted(differ)


@pytest.mark.long
@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_reads_what_is_recorded(client):
    if versions().get(client) != recorded()["versions"][client]:
        pytest.skip(f"the version of {client} that is recorded is not installed")
    outcomes = recorded()["outcomes"]
    played = play(client, RESPONSES)
    differ = {name: one for name, one in played.items() if result(one) != result(outcomes[name][client])}
    assert differ == {}


@pytest.mark.long
@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_sends_what_is_recorded(client):
    if versions().get(client) != recorded_requests()["versions"][client]:
        pytest.skip(f"the version of {client} that is recorded is not installed")
    outcomes = recorded_requests()["outcomes"]
    differ = {name: one for name, one in ask(client, REQUESTS).items() if one != outcomes[name][client]}
    assert differ == {}
