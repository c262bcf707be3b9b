"""Headers and credentials (RFC 9110 §5, §11)."""

from transport.corpus.requests.asking import asked

AUTH = "RFC 9110 §11.6.2"
BASIC = "RFC 7617 §2"


def given(source, headers, fields=None):
    return asked(source, "GET", "items", "/items", headers=headers, fields=fields or headers)


def credentials(source, auth, value):
    return asked(source, "GET", "items", "/items", keys={"AUTH": auth}, fields={"authorization": value})


CASES = {
    "a header": given("RFC 9110 §5.1", {"x-a": "b"}),
    "a header with spaces inside": given("RFC 9110 §5.5", {"x-a": "b  c"}),
    "an empty header": given("RFC 9110 §5.5", {"x-a": ""}),
    "a header with quotes": given("RFC 9110 §8.8.3", {"if-none-match": 'W/"a", "b"'}),
    "a header with all marks": given("RFC 9110 §5.5", {"x-a": "!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}),
    "a header of 8,000 bytes": given("reports: tokens in headers", {"x-a": "v" * 8000}),
    "a range": given("RFC 9110 §14.2", {"range": "bytes=0-99"}),
    "a date": given("RFC 9110 §13.1.3", {"if-modified-since": "Fri, 27 Nov 2026 10:00:00 GMT"}),
    "accepted types": given("RFC 9110 §12.5.1", {"accept": "application/json;q=0.9, */*;q=0.1"}),
    "a language": given("RFC 9110 §12.5.4", {"accept-language": "de-CH, de;q=0.8"}),
    "a user agent": given("RFC 9110 §10.1.5", {"user-agent": "mine/1.0 (+https://a.test)"}),
    "a cookie": given("RFC 6265 §5.4", {"cookie": "a=1; b=2"}),
    "an API key": given("reports: keys in headers", {"x-api-key": "k+/="}),
    "a signature": given(
        AUTH, {"authorization": "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0"}
    ),
    "a bearer token": credentials("RFC 6750 §2.1", {"BEARER": "a.b-c_d~e+f/g=="}, "Bearer a.b-c_d~e+f/g=="),
    "a user and a password": credentials(BASIC, {"BASIC": ["ada", "secret"]}, "Basic YWRhOnNlY3JldA=="),
    "an empty password": credentials(
        "reports: keys as user names", {"BASIC": ["sk_test", ""]}, "Basic c2tfdGVzdDo="
    ),
    "an empty user": credentials("reports: tokens as passwords", {"BASIC": ["", "pat"]}, "Basic OnBhdA=="),
    "a password with colons": credentials(BASIC, {"BASIC": ["ada", "a:b:c"]}, "Basic YWRhOmE6Yjpj"),
    "a password with an accent": credentials("RFC 7617 §2.1", {"BASIC": ["ada", "é"]}, "Basic YWRhOsOp"),
}
