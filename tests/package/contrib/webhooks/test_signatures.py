"""Signatures of the Standard Webhooks specification, beside those of its own library."""

import re
import time
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook
from upstreams import conf
from upstreams.contrib.webhooks.signatures import InvalidWebhook, verify
from upstreams.testing import sign_webhook

from contrib.webhooks.conftest import NEW, OLD

OTHER = f"whsec_{b64encode(b'x' * 24).decode()}"

pytestmark = pytest.mark.usefixtures("sources")


def checked(headers, body=b"{}"):
    return verify(conf.current().webhooks["billing"], headers, body)


def refused(headers, body=b"{}"):
    with pytest.raises(InvalidWebhook) as error:
        checked(headers, body)
    return error.value.status, str(error.value)


@pytest.mark.parametrize("secret", [NEW, OLD], ids=["the first secret", "the second secret"])
@pytest.mark.parametrize("body", ["", "{}", '{"é": 1}\r\n '])
def test_what_the_library_of_the_specification_signs_is_valid(secret, body):
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body),
    }
    assert checked(headers, body.encode()) == "msg_1"
    assert refused(headers, body.encode() + b" ")[0] == 401
    assert refused({**headers, "webhook-id": "msg_2"}, body.encode())[0] == 401


@pytest.mark.parametrize("body", ["", "{}", '{"é": 1}\r\n '])
def test_what_the_test_kit_signs_is_valid_for_that_library(body):
    Webhook(NEW).verify(body, sign_webhook("billing", body), json_parse=False)


def test_a_body_need_not_be_text():
    assert checked(sign_webhook("billing", b"\xff\0", webhook_id="a"), b"\xff\0") == "a"


def test_one_of_several_signatures_is_enough():
    headers = sign_webhook("billing", b"{}")
    good = headers["webhook-signature"]
    for others in ("v1a,abc v1,YWJj {}", "{} v1,", "v2 v1,ü {}"):
        assert checked({**headers, "webhook-signature": others.format(good)})


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name):
    headers = sign_webhook("billing", b"{}")
    assert refused({**headers, name: ""}) == (400, f"{name}: is missing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", "a b"),
        ("webhook-id", "a" * 256),
        ("webhook-timestamp", "soon"),
        ("webhook-timestamp", "1e9"),
        ("webhook-timestamp", "-1"),
        ("webhook-timestamp", "٣"),
        ("webhook-timestamp", "9" * 13),
        ("webhook-signature", "v1a,abc"),
        ("webhook-signature", "abc"),
    ],
)
def test_a_header_that_cannot_be_read_is_named(name, value):
    status, detail = refused({**sign_webhook("billing", b"{}"), name: value})
    assert (status, detail.partition(":")[0]) == (400, name)
    assert value not in detail


@pytest.mark.parametrize(
    "signature", ["v1,", "v1,abc", "v1,ü", "v1,a,b", f"v1,{b64encode(b'x' * 32).decode()}"]
)
def test_a_wrong_signature_is_no_news_of_the_right_one(signature):
    headers = {**sign_webhook("billing", b"{}"), "webhook-signature": signature}
    assert refused(headers) == (401, "webhook-signature: no signature matches")


def test_another_secret_is_wrong(settings):
    headers = sign_webhook("billing", b"{}")
    settings.UPSTREAMS_WEBHOOKS = {"billing": {"SECRETS": [OTHER]}}
    assert refused(headers)[0] == 401


@pytest.mark.parametrize(("seconds", "when"), [(-301, "past"), (302, "future")])
def test_a_webhook_of_another_time_is_refused(seconds, when):
    headers = sign_webhook("billing", b"{}", timestamp=int(time.time()) + seconds)
    assert refused(headers) == (401, f"webhook-timestamp: is more than 300 s in the {when}")


@pytest.mark.parametrize("seconds", [-290, 290])
def test_clocks_may_differ(seconds):
    assert checked(sign_webhook("billing", b"{}", timestamp=int(time.time()) + seconds))


def test_a_secret_in_a_file_is_read_again(settings, tmp_path):
    file = tmp_path / "secret"
    file.write_text(f"{OLD}\n")
    settings.UPSTREAMS_WEBHOOKS = {"billing": {"SECRETS": [file]}}
    before = sign_webhook("billing", b"{}")
    assert checked(before)
    file.write_text(f"{NEW} "[:-1])
    assert refused(before)[0] == 401
    assert checked(sign_webhook("billing", b"{}"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, '["SECRETS"]: is missing'),
        ({"SECRETS": []}, '["SECRETS"]: expected a list of length >= 1'),
        (
            {"SECRETS": [""]},
            '["SECRETS"][0]: is empty; the variable or the file that it comes from may be missing',
        ),
        ({"SECRETS": [None]}, '["SECRETS"][0]: expected text'),
        ({"SECRETS": NEW}, '["SECRETS"]: expected a list'),
        (
            {"SECRETS": [NEW, "hunter2"]},
            '["SECRETS"][1]: must be "whsec_" and the base64 of at least 24 bytes, without a line break at the end',
        ),
        ({"SECRETS": [NEW[:-2]]}, '["SECRETS"][0]: must be "whsec_" and'),
        ({"SECRETS": [NEW + "A"]}, '["SECRETS"][0]: must be "whsec_" and'),
        ({"SECRET": NEW}, "[\"SECRET\"]: unknown key; did you mean 'SECRETS'?"),
        ({"SECRETS": [NEW], "TOLERANCE": 0}, '["TOLERANCE"]: expected a number > 0'),
        (
            {"SECRETS": [NEW], "RETENTION": 600},
            ": RETENTION must be more than twice TOLERANCE, or a webhook can be replayed",
        ),
    ],
)
def test_wrong_settings_are_one_sentence(settings, source, message):
    settings.UPSTREAMS_WEBHOOKS = {"billing": source}
    with pytest.raises(Exception, match=re.escape(f'UPSTREAMS_WEBHOOKS["billing"]{message}')) as error:
        conf.current()
    assert "hunter2" not in str(error.value)
