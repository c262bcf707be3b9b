"""What a test says whose calls differ from its cassette, or that cannot have one: each in one run of all of them."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

pytestmark = pytest.mark.processes
AGE = timedelta(days=25, hours=1)
CHANGES = {
    "method": "test_request",
    "path": "test_request",
    "query": "test_request",
    "body": "test_request",
    "more": "test_number_of_calls",
    "fewer": "test_number_of_calls",
    "further": "test_events",
    "missing": "test_view",
    "broken": "test_view",
    "aged": "test_date",
}
"""Change -> the test of `project/rates_tests.py` that makes it."""
MARKERS = {
    "alias": (
        '("ratse")',
        "upstream_cassette: upstream ratse is not in settings.UPSTREAMS; did you mean 'rates'?",
    ),
    "nothing": (
        "()",
        'upstream_cassette takes aliases and remove=["…"]; write @pytest.mark.upstream_cassette("rates")',
    ),
    "argument": ('("rates", match_on=["path"])', 'upstream_cassette takes aliases and remove=["…"]; write '),
    "text": (
        '("rates", remove="a")',
        'upstream_cassette: remove= is a list of names; write remove=["account"]',
    ),
}


@pytest.fixture(scope="module")
def output(recorded, tmp_path_factory):
    """What pytest prints of a module for each change, whose cassettes were recorded without it."""
    project = recorded[0].copied(tmp_path_factory.mktemp("changed"))
    source = (project.folder / "test_rates.py").read_text("utf-8")
    cassettes = project.folder / "cassettes"
    for change in CHANGES:
        lines = source.replace('CHANGE = os.environ.get("CHANGE", "")', f'CHANGE = "{change}"')
        (project.folder / f"test_{change}.py").write_text(lines, "utf-8")
        shutil.copytree(cassettes / "test_rates", cassettes / f"test_{change}")
    (cassettes / "test_missing" / "test_view.yaml").unlink()
    (cassettes / "test_broken" / "test_view.yaml").write_text("<<<<<<< ours\nrates: [\n")
    old = cassettes / "test_rates" / "test_view.yaml"
    then = (datetime.now(UTC) - AGE).isoformat()
    old.write_text(re.sub(r"recorded: .*", f"recorded: '{then}'", old.read_text("utf-8")), "utf-8")
    dated = cassettes / "test_aged" / "test_date.yaml"
    text = re.sub(r"recorded: .*", f"recorded: '{then}'", dated.read_text("utf-8"))
    date = format_datetime(datetime.fromisoformat(then), usegmt=True)
    dated.write_text(re.sub(r"date: .*", f"date: {date}", text), "utf-8")
    for name, (marker, _) in MARKERS.items():
        test = f"import pytest\n\n@pytest.mark.upstream_cassette{marker}\ndef test_marked():\n    pass\n"
        (project.folder / f"test_{name}.py").write_text(test)
    tests = [f"test_{change}.py::{test}" for change, test in CHANGES.items()]
    return project.pytest("test_rates.py::test_view", *tests, *(f"test_{name}.py" for name in MARKERS))


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ("method", [" method: POST", "+method: PUT"]),
        ("path", ["-path: convert?base=eur", "+path: other?base=eur"]),
        ("query", ["-path: convert?base=eur", "+path: convert?base=usd"]),
        ("body", ["-    amount: 1", "+    amount: 2"]),
    ],
)
def test_a_changed_request_fails_with_a_diff(output, change, lines):
    file = f"cassettes/test_{change}/test_request.yaml"
    sentence = (
        f", which is not recorded in {file}; if that is right, run pytest --record rates (called at test_"
    )
    assert sentence in output
    _, _, diff = output.partition(sentence)
    diff = diff[: diff.index("\n\n")].replace("-method", " method")
    assert [line for line in lines if f"E       {line}\n" not in diff] == [], diff


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        (
            "FAILED test_more.py::test_number_of_calls",
            "rates was called by GET eur more often than the 2 times recorded in {}; if that is right, run pytest --record rates",
        ),
        (
            "ERROR test_fewer.py::test_number_of_calls",
            "rates was not called by GET eur, recorded in {}; if that is right, run pytest --record rates",
        ),
        (
            "FAILED test_further.py::test_events",
            "rates: GET events: the body in {} ends where the test stopped reading; run pytest --record rates",
        ),
    ],
    ids=["more", "fewer", "further"],
)
def test_another_number_of_calls_or_events_fails(output, test, sentence):
    file = test.split(" ")[1].replace(".py::", "/")
    assert f"\n{test} - AssertionError: {sentence.format(f'cassettes/{file}.yaml')}" in output


def test_without_a_cassette_one_sentence_says_what_to_run(output):
    sentence = "upstream rates is not recorded in cassettes/test_missing/test_view.yaml"
    command = "run pytest --record rates 'test_missing.py::test_view'"
    assert f"\nERROR test_missing.py::test_view - Failed: {sentence}; {command}\n" in output


def test_a_broken_cassette_is_named(output):
    assert "Failed: cassettes/test_broken/test_view.yaml is no cassette: " in output
    assert "; record it again by --record ALIAS\n" in output


def test_the_age_of_the_oldest_is_shown(output):
    then = datetime.now(UTC) - AGE
    assert f"\ncassettes: rates, recorded {then:%Y-%m-%d}, 25 days ago\n" in output


def test_the_dates_of_an_old_response_are_moved(output):
    assert re.search(r"^test_aged\.py \.", output, re.MULTILINE)


@pytest.mark.parametrize("name", MARKERS)
def test_a_wrong_marker_is_refused(output, name):
    assert f"\nERROR test_{name}.py::test_marked - Failed: {MARKERS[name][1]}" in output


def test_a_failed_test_keeps_the_old_cassette(project):
    before = project.cassette("test_view").read_text("utf-8")
    record = ["--record=rates", "--record=basic"]
    output = project.pytest("test_rates.py::test_view", *record)  # the upstream has stopped
    assert (
        "cassettes: basic, nothing recorded: no test that ran has the marker upstream_cassette with it"
        in output
    )
    assert (
        "cassettes: rates, nothing written to cassettes/test_rates/test_view.yaml: the test failed" in output
    )
    assert project.cassette("test_view").read_text("utf-8") == before
