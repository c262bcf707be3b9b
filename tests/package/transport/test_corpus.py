"""The responses of the corpus, however they are split on arrival: by the parser, and over a connection."""

import random
import re

import pytest

from transport.corpus.outcomes import OK, whole
from transport.corpus.parsing import READ_AT_ONCE, exchanges, is_as_expected, read
from transport.corpus.responses import RESPONSES, TOPICS

LARGE = 2000
"""Bytes of a response that is not split everywhere, but at its lines."""
NEXT = ("GET", [OK + b"x: next\r\ncontent-length: 4\r\n\r\nnext"])
every = pytest.mark.parametrize("topic", TOPICS)


def at(raw, cuts):
    """Return pieces, none larger than what is read from a socket at once."""
    cuts = sorted({*cuts, *range(READ_AT_ONCE, len(raw), READ_AT_ONCE)})
    return [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]


def line_ends(raw):
    """Return where lines and names of fields end: before, inside and after each; of many, the first ones."""
    ends = [match.start() for match in re.finditer(rb"\r\n|\n|: ?", raw)][: 50 if len(raw) < LARGE else 10]
    return sorted({cut for end in ends for cut in (end, end + 1, end + 2) if 0 < cut < len(raw)})


def every_byte(raw):
    return range(1, len(raw)) if len(raw) < LARGE else line_ends(raw)


def shreds(raw):
    draw = random.Random(len(raw))
    return [draw.sample(range(1, len(raw)), 5) for _ in range(20 if 5 < len(raw) < LARGE else 0)]


def wrong(topic, cuts_of):
    """Return the names of the responses that are read otherwise than expected, with the pieces and the outcome."""
    found = {}
    for name, case in TOPICS[topic].items():
        for cuts in cuts_of(case.raw):
            outcome = read(at(case.raw, cuts), case.method)
            if not is_as_expected(outcome, case.outcome):
                found[name] = cuts, outcome
    return found


def test_the_corpus_is_as_large_as_it_says():
    assert len(RESPONSES) == sum(map(len, TOPICS.values())) >= 200
    assert [name for name, case in RESPONSES.items() if not case.source] == []


@every
def test_responses_are_read(topic):
    assert wrong(topic, lambda raw: [[]]) == {}


@every
def test_they_are_the_same_in_two_pieces(topic):
    assert wrong(topic, lambda raw: [[cut] for cut in every_byte(raw)]) == {}


@every
def test_they_are_the_same_in_many_pieces(topic):
    assert wrong(topic, lambda raw: [*shreds(raw), every_byte(raw), line_ends(raw)]) == {}


@every
async def test_the_next_response_of_a_connection_is_its_own(topic):
    for case in TOPICS[topic].values():
        for cuts in ([], *([cut] for cut in line_ends(case.raw))):
            outcome, following = await exchanges((case.method, at(case.raw, cuts)), NEXT)
            assert is_as_expected(outcome, case.outcome), (outcome, cuts, case)
            assert following == (whole(b"next", 200, b"next") if case.outcome.reused else None)
