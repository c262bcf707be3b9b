"""A real upstream is recorded, stopped, and replayed under the real policies."""

import base64
import re
from datetime import UTC, datetime

import pytest
import yaml

from testing.cassettes.conftest import OF_UPSTREAM, SECRETS

pytestmark = pytest.mark.processes
TESTS = 23


def test_the_tests_pass_against_the_real_upstream(recorded):
    _, output = recorded
    assert f"= {TESTS} passed in " in output, output
    file = "cassettes/test_rates/test_view.yaml"
    assert f"cassettes: rates, 1 exchange recorded in {file}\n" in output


def test_the_same_tests_pass_without_it(project):
    output = project.pytest()
    assert f"= {TESTS} passed in " in output, output
    assert f"cassettes: rates, recorded {datetime.now(UTC):%Y-%m-%d}, today\n" in output


def test_no_credential_touches_the_disk(recorded):
    project, _ = recorded
    pair = f"ada:{SECRETS['RATES_PASSWORD']}"
    encoded = [base64.b64encode(text.encode()).decode().rstrip("=") for text in (pair, *SECRETS.values())]
    quoted = "bearer%2Fsecret%2Bof%3Drates"
    files = [file for file in project.folder.rglob("*") if file.is_file() and file.name != "settings.py"]
    everything = "".join(file.read_text("utf-8") for file in files)
    found = [text for text in (*SECRETS.values(), *OF_UPSTREAM, *encoded, quoted) if text in everything]
    assert len([file for file in files if file.suffix == ".yaml"]) == TESTS
    assert found == []


def test_a_cassette_is_readable(recorded):
    project, _ = recorded
    text = project.cassette("test_request").read_text("utf-8")
    text = re.sub(r"recorded: .*", "recorded: NOW", text)
    assert text == CASSETTE


CASSETTE = """\
# What upstreams responded, recorded by tests with `--record ALIAS`, without credentials.
rates:
  recorded: NOW
  exchanges:
  - request:
      method: POST
      path: convert?base=eur
      headers:
        content-type: application/json
      body:
        json:
          amount: 1
          to: usd
          customer: REMOVED
    response:
      status: 200
      headers:
        content-length: '16'
        content-type: application/json
      body:
        json:
          amount: 1.25
"""


def test_each_attempt_is_an_exchange_of_its_own(recorded):
    project, _ = recorded
    exchanges = yaml.safe_load(project.cassette("test_retry").read_text())["rates"]["exchanges"]
    assert [one["response"]["status"] for one in exchanges] == [503, 200]


def test_an_encoded_body_is_decoded(recorded):
    project, _ = recorded
    (exchange,) = yaml.safe_load(project.cassette("test_gzip").read_text())["rates"]["exchanges"]
    assert exchange["response"] == {"status": 200, "body": {"text": "packed text"}}


def test_a_stream_keeps_its_chunks(recorded):
    project, _ = recorded
    (exchange,) = yaml.safe_load(project.cassette("test_lines").read_text())["rates"]["exchanges"]
    assert exchange["response"]["chunks"] == [{"text": '{"n": 1}\n'}, {"text": '{"n": 2}\n'}]


def test_a_token_request_is_not_recorded(recorded):
    project, _ = recorded
    exchanges = yaml.safe_load(project.cassette("test_oauth").read_text())["oauth"]["exchanges"]
    assert [one["request"]["path"] for one in exchanges] == ["v1/eur"]
