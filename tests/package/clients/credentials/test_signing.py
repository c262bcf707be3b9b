"""A function of the settings signs each attempt, when all else of the request is known."""

import hashlib
import hmac

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamCredentialsError
from upstreams.core.definition import parse
from upstreams.core.httpx import Request

pytestmark = pytest.mark.usefixtures("lifespan")
QUOTE = {"text": "a", "author": "b"}
PATH = f"{__name__}.sign"
signed = []


def sign(request):
    signed.append(request)
    names = ("x-a", "x-request-id", "deadline", "content-length", "host")
    seen = "&".join(request.headers.get(name, "") for name in names if name != "x-request-id")
    digest = hmac.new(b"s3cr3t", request.content + seen.encode(), hashlib.sha256).hexdigest()
    return {"X-Signature": f"{len(signed)}:{digest}"}


async def sign_later(request):
    request.headers.update(sign(request))


@pytest.fixture(autouse=True)
def _clean():
    signed.clear()


@pytest.mark.parametrize(
    "auth",
    [sign, sign_later, PATH, {"SIGNER": PATH}, {"SIGNER": sign}],
    ids=["function", "async function", "path", "path of SIGNER", "SIGNER"],
)
async def test_each_attempt_is_signed_anew_as_it_is_sent(define, upstream_mock, auth):
    define(quotes={"AUTH": auth, "HEADERS": {"X-A": "1"}, "DEADLINE_HEADER": "Deadline", "BACKOFF": 0.001})
    mock = upstream_mock("quotes")
    mock.post("reports").content("", 503).json({})
    await quotes.post("reports", json={"n": 1}, idempotency_key="1")
    assert [one.headers["x-signature"][:2] for one in mock.requests] == ["1:", "2:"]
    for request in mock.requests:
        assert len(request.headers.get_list("x-signature")) == 1
        names = ("x-a", "deadline", "content-length", "host")
        seen = "&".join(request.headers[name] for name in names).encode()
        expected = hmac.new(b"s3cr3t", request.content + seen, hashlib.sha256).hexdigest()
        assert request.headers["x-signature"].partition(":")[2] == expected
        assert request.content == b'{"n":1}'


async def test_an_attempt_has_nothing_of_the_last_signature(define, upstream_mock):
    def by_turns(request):
        signed.append(request)
        request.headers[f"X-{len(signed)}"] = "1"
        request.headers["X-A"] += "+"
        request.url = request.url.copy_merge_params({"sig": str(len(signed))})

    define(quotes={"AUTH": by_turns, "HEADERS": {"X-A": "1"}, "BACKOFF": 0.001})
    mock = upstream_mock("quotes")
    mock.get("random").content("", 503).json(QUOTE)
    await quotes.random()
    first, second = mock.requests
    assert (first.headers["x-a"], second.headers["x-a"]) == ("1+", "1+")
    assert ("x-1" in first.headers, "x-1" in second.headers, "x-2" in second.headers) == (True, False, True)
    assert [str(one.url.query, "ascii") for one in mock.requests] == ["sig=1", "sig=2"]


async def test_a_tenant_signs_with_a_function_of_its_own(define, upstream_mock):
    define(quotes={"AUTH": {"BEARER": "of-the-service"}})
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.using(auth=lambda request: {"X-Signature": request.url.path}).random()
    (request,) = upstream_mock("quotes").requests
    assert request.headers["x-signature"] == "/v1/random"
    assert "authorization" not in request.headers


async def chunks():
    yield b"s3cr3t"


def fail(request):
    raise LookupError("s3cr3t")


@pytest.mark.parametrize(
    ("auth", "call", "sentence"),
    [
        (fail, {}, f"AUTH, {__name__}.fail, raised LookupError; see its cause"),
        (lambda _: "s3cr3t", {}, "<lambda>, raised TypeError; see its cause"),
        (lambda _: {"X-A": "s3cr3t\n"}, {}, "<lambda>, raised UnsafeRequest; see its cause"),
        (
            sign,
            {"content": chunks()},
            "sign, reads the body, which is streamed; pass bytes as content=, or sign",
        ),
    ],
)
async def test_a_function_that_fails_is_named_without_a_secret(
    define, upstream_mock, caplog, auth, call, sentence
):
    define(quotes={"AUTH": auth})
    upstream_mock("quotes").post("reports").json({})
    with pytest.raises(UpstreamCredentialsError) as caught:
        await quotes.post("reports", **call)
    assert str(caught.value).startswith("upstream quotes: POST reports: AUTH, ")
    assert sentence in str(caught.value)
    assert "s3cr3t" not in str(caught.value) + caplog.text
    assert (caught.value.status, upstream_mock("quotes").requests) == (503, [])
    assert caught.value.__cause__ is not None


async def test_a_signature_without_the_body_suits_a_stream(define, upstream_mock):
    define(quotes={"AUTH": lambda request: {"X-Signature": request.method}})
    upstream_mock("quotes").post("reports").json({})
    await quotes.post("reports", content=chunks())
    assert upstream_mock("quotes").requests[0].headers["x-signature"] == "POST"


@pytest.mark.parametrize(
    ("auth", "sentence"),
    [
        ("s3cr3t", 'AUTH"]: expected a dict such as {"BEARER": …}'),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzIjoxfQ." + "s3cr3t" * 8, 'AUTH"]: expected a dict such as {"BEARER": …}'),
        (7, 'AUTH"]: expected a dict such as {"BEARER": …}'),
        (Request, 'AUTH"]: expected a dict such as {"BEARER": …}'),
        ("nowhere.sign", "nowhere.sign cannot be imported: No module named 'nowhere'"),
        (f"{__name__}.missing", f"{__name__}.missing cannot be imported: "),
        (f"{__name__}.QUOTE", f"{__name__}.QUOTE cannot be imported: is no function"),
        ({"SIGNER": sign, "BEARER": "t"}, "give exactly one of BEARER, BASIC, OAUTH2"),
    ],
    ids=range(8),
)
def test_what_is_no_function_is_refused_in_one_sentence(auth, sentence):
    _, problems = parse({"a": {"BASE_URL": "https://a.test", "AUTH": auth}})
    assert len(problems) == 1
    assert sentence in problems[0]
    assert "s3cr3t" not in problems[0]


def test_an_authorization_beside_a_signature_is_no_contradiction():
    _, problems = parse(
        {"a": {"BASE_URL": "https://a.test", "AUTH": PATH, "HEADERS": {"Authorization": "x"}}}
    )
    assert problems == []
