"""A mock responds with what was recorded of the request, or of the one that is most like it."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from upstreams.management.mocks.replay import Replay
from upstreams.management.mocks.reply import Asked

from management.mocks.conftest import REAL

MOCK = "http://127.0.0.1:8101"


@pytest.fixture
def replay(project, cassette):
    return Replay("quotes", [cassette], project, (REAL, MOCK))


def body(replay, *asked):
    return b"".join(replay.reply(Asked(*asked)).chunks)


def test_successes_take_turns_and_errors_are_left_out(replay):
    assert [body(replay, "GET", "random") for _ in range(3)] == [
        b'{"text":"a"}',
        b'{"text":"b"}',
        b'{"text":"a"}',
    ]


def test_an_error_is_used_where_there_is_no_success(replay):
    found = replay.reply(Asked("GET", "gone"))
    assert (found.status, found.chunks) == (410, [b"gone"])
    date = parsedate_to_datetime(dict(found.headers)["date"])
    assert abs((datetime.now(UTC) - date).total_seconds()) < 60


def test_the_query_and_the_body_choose_among_several(replay):
    assert body(replay, "GET", "items", "size=2&page=2") == b"[2]"
    assert body(replay, "POST", "search", "", b'{ "word": "two" }') == b"second"


def test_another_query_or_body_gets_what_there_is(replay):
    assert body(replay, "GET", "items", "page=99").startswith(b'{"next"')
    assert body(replay, "POST", "search", "", b"{}") == b"first"


def test_links_to_the_upstream_lead_to_the_mock(replay):
    found = replay.reply(Asked("GET", "items", "page=1&size=2"))
    assert dict(found.headers)["link"] == f'<{MOCK}/items?page=2>; rel="next"'
    assert found.chunks == [f'{{"next":"{MOCK}/items?page=2"}}'.encode()]


def test_the_length_that_was_recorded_is_not_sent(replay):
    assert [name for name, _ in replay.reply(Asked("GET", "random")).headers] == ["content-type"]


def test_a_stream_keeps_its_chunks(replay):
    assert replay.reply(Asked("GET", "events")).chunks == [b"data: 1\n\n", b"data: 2\n\n"]


@pytest.mark.parametrize("asked", [("GET", "broken"), ("POST", "random"), ("GET", "")])
def test_what_has_no_response_has_none(replay, asked):
    assert replay.reply(Asked(*asked)) is None


def test_a_cassette_that_cannot_be_read_is_named_and_left_out(project, cassette, caplog):
    cassette.write_text("quotes:\n  recorded: 1\n")
    assert Replay("quotes", [cassette], project, (REAL, MOCK)).paths() == []
    assert "quotes: tests/cassettes/test_quotes/test_all.yaml is no cassette" in caplog.text
