"""The right form of keys that people write by the habit of another library, or from an upstream's documentation."""

from collections.abc import Mapping

_HEADER = '"HEADERS": {"X-Api-Key": …}, with the name of the header that the upstream asks for'
_BEARER = '"AUTH": {"BEARER": …}'
_BASIC = '"AUTH": {"BASIC": [user, password]}'
_OAUTH2 = '"AUTH": {"OAUTH2": {"TOKEN_URL": …, "CLIENT_ID": …, "CLIENT_SECRET": …}}'
_VERIFIED = "certificates are always verified; name the file of a certificate authority of your own as"


def _of(*forms: tuple[str, str]) -> dict[str, str]:
    """Return key -> hint; a form is the keys, with spaces between them, and the hint."""
    return {key: hint for keys, hint in forms for key in keys.split()}


UPSTREAM = _of(
    ("URL URI HOST HOSTNAME SERVER ADDRESS ENDPOINT BASE ORIGIN BASEURL BASE_URI", 'write "BASE_URL"'),
    ("API_KEY APIKEY KEY X_API_KEY API_SECRET SECRET SECRET_KEY", f"write {_HEADER}"),
    ("TOKEN BEARER BEARER_TOKEN ACCESS_TOKEN API_TOKEN AUTH_TOKEN JWT", f"write {_BEARER}"),
    ("AUTHORIZATION AUTHENTICATION CREDENTIALS", f"write {_BEARER} or {_BASIC}"),
    ("USER USERNAME PASSWORD LOGIN BASIC BASIC_AUTH", f"write {_BASIC}"),
    ("OAUTH OAUTH2 TOKEN_URL CLIENT_ID CLIENT_SECRET SCOPE SCOPES", f"write {_OAUTH2}"),
    ("VERIFY VERIFY_SSL SSL_VERIFY VERIFY_TLS TLS_VERIFY SSL INSECURE", f'{_VERIFIED} "CA"'),
    ("CA_FILE CA_BUNDLE CAFILE CA_CERTS SSL_CA", 'write "CA"'),
    ("CLIENT_CERT CERTIFICATE CERTFILE KEYFILE SSL_CERT", 'write "CERT": [certificate file, key file]'),
    ("CERT_FILE KEY_FILE CERT_KEY PRIVATE_KEY", 'write "CERT": [certificate file, key file]'),
    ("RETRIES RETRY MAX_RETRIES ATTEMPTS", 'write "MAX_ATTEMPTS", which counts the first attempt'),
    ("BREAKER CIRCUIT_BREAKER BREAKER_RATIO", 'write "BREAKER_FAILURE_RATIO"'),
    ("BREAKER_RESET_TIMEOUT BREAK_DURATION", 'write "BREAKER_MAX_OPEN_TIME"'),
    (
        "READ_TIMEOUT SOCKET_TIMEOUT REQUEST_TIMEOUT",
        'write "TIMEOUT" for the call, "ATTEMPT_TIMEOUT" for each attempt',
    ),
    ("POOL_TIMEOUT", 'write "QUEUE_TIMEOUT"'),
    ("POOL_SIZE POOL CONNECTIONS MAX_KEEPALIVE_CONNECTIONS", 'write "MAX_CONNECTIONS"'),
    ("SINGLEFLIGHT SINGLE_FLIGHT DEDUPE DEDUPLICATE COLLAPSE REQUEST_COLLAPSING", 'write "COALESCE": True'),
    ("PROXIES HTTP_PROXY HTTPS_PROXY SOCKS SOCKS_PROXY", 'write "PROXY"'),
    ("HTTP2 H2 HTTP_VERSION", 'write "TRANSPORT": "http2"'),
    ("CLIENT ADAPTER BACKEND", 'write "TRANSPORT"'),
    ("SOCKET UNIX_SOCKET UDS_PATH SOCKET_PATH", 'write "UDS"'),
    ("FOLLOW_REDIRECTS ALLOW_REDIRECTS REDIRECTS", "redirects are not followed; request the new URL"),
    ("PARAMS QUERY", "pass params= to the call, in a method of the Upstream class"),
    ("COOKIES COOKIE", 'write "HEADERS": {"Cookie": …}'),
    ("USER_AGENT", 'write "HEADERS": {"User-Agent": …}'),
)
AUTH = _of(
    ("TOKEN ACCESS_TOKEN BEARER_TOKEN API_TOKEN JWT TOKENS", 'write "BEARER": …'),
    (
        "API_KEY APIKEY KEY X_API_KEY HEADER HEADERS",
        f"an API key is a header: instead of AUTH, write {_HEADER}",
    ),
    ("USER USERNAME LOGIN PASSWORD PASS", 'write "BASIC": [user, password]'),
    ("AUTHORIZATION", 'write "BEARER": … or "BASIC": [user, password]'),
    (
        "OAUTH CLIENT_CREDENTIALS TOKEN_URL CLIENT_ID CLIENT_SECRET SCOPE SCOPES",
        'write "OAUTH2": {"TOKEN_URL": …, "CLIENT_ID": …, "CLIENT_SECRET": …}',
    ),
    ("TYPE SCHEME METHOD KIND", "the key itself names the kind: BEARER, BASIC or OAUTH2"),
    (
        "FUNCTION CALLABLE SIGN SIGNATURE HMAC AWS SIGV4",
        "instead of the dict, write a function that signs each request, or its dotted path",
    ),
    ("CERT CERTIFICATE CLIENT_CERT", 'instead of AUTH, write "CERT": [certificate file, key file]'),
)
OAUTH2 = _of(
    ("URL TOKEN_ENDPOINT ENDPOINT TOKEN_URI ACCESS_TOKEN_URL", 'write "TOKEN_URL"'),
    ("ID CLIENT USER USERNAME KEY", 'write "CLIENT_ID"'),
    ("SECRET PASSWORD", 'write "CLIENT_SECRET"'),
    ("SCOPES", 'write "SCOPE", with spaces between several'),
    ("GRANT_TYPE GRANT", "it is always client_credentials; leave it out"),
)


def hint(key: str, hints: Mapping[str, str]) -> str | None:
    """Return what to write instead of a key, in whatever case and with whatever hyphens it was written."""
    return hints.get(key.upper().replace("-", "_").replace(" ", "_"))
