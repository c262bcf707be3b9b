"""What is not valid of a tenant is refused in one sentence, without its value."""

import pytest
from testproject.quotes import quotes
from upstreams.core.errors import UnsafeRequest

pytestmark = pytest.mark.usefixtures("lifespan")


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"base_url": "ftp://a.test"}, "base_url: write a URL such as https://api.example.com"),
        ({"base_url": "https://u:s3cr3t@a.test"}, "base_url: write an origin and a plain path: "),
        ({"base_url": "https://a.test/?k=s3cr3t"}, "base_url: write an origin and a plain path: "),
        ({"base_url": "https://a.test:99999"}, "base_url: the host or the port is not valid"),
        ({"base_url": "https://a\u2488test"}, "base_url: the host or the port is not valid"),
        ({"base_url": "//a.test"}, "base_url: write a URL such as https://api.example.com"),
        ({"base_url": None}, "base_url: is None; leave it out for that of the upstream"),
        ({"base_url": 7}, "base_url: expected text"),
        ({"auth": {"BEARER": "s3cr3t\n"}}, 'auth["BEARER"]: must be printable ASCII characters'),
        ({"auth": {"BEARER": None}}, "auth: give exactly one of BEARER, BASIC, OAUTH2"),
        ({"auth": {"TOKEN": "s3cr3t"}}, 'auth["TOKEN"]: unknown key; write "BEARER": …'),
        ({"headers": {"X-Key": "s3cr3t\r\nX-A: b"}}, "headers: header 'x-key' must hold printable ASCII"),
        ({"headers": None}, "headers: is None"),
        (
            {"auth": {"BEARER": "t"}, "headers": {"Authorization": "s3cr3t"}},
            "headers=: auth sends Authorization already; pass only one of them",
        ),
    ],
    ids=str,
)
def test_what_is_not_valid_is_refused_in_one_sentence(own, sentence):
    with pytest.raises(UnsafeRequest) as caught:
        quotes.using(**own)
    assert str(caught.value).startswith(f"upstream quotes: using: {sentence}")
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.alias == "quotes"


@pytest.mark.upstreams(quotes={"BASE_URL": "https://quotes.test", "ALLOW_HTTP": False})
async def test_plain_http_is_refused_in_production(upstream_mock):
    upstream_mock("quotes")
    with pytest.raises(UnsafeRequest, match="plain HTTP in production; only https:// is allowed"):
        await quotes.using(base_url="http://acme.test").random()
