"""Whose word is taken for how a client has come."""

import ssl

import pytest
import trustme
from testproject.processes import serving
from upstreams.core.httpx import httpx

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("proxies", "status"),
    [("", 301), ("10.0.0.0/8", 301), ("127.0.0.1", 200), ("127.0.0.0/8", 200), ("*", 200)],
)
def test_a_forwarded_header_is_believed_of_proxies_alone(loopback, proxies, status):
    env = {"DJANGO_SETTINGS_MODULE": "testproject.proxied.settings", "FORWARDED_ALLOW_IPS": proxies}
    with serving(loopback, **env) as service:
        forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        answer = httpx.get(f"{service.url}/whoami", headers=forwarded)
    assert answer.status_code == status
    assert status == 301 or answer.json() == {"client": "203.0.113.9", "secure": True}


def test_tls_is_served_from_the_files_that_are_given(loopback, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    env = {"DJANGO_SETTINGS_MODULE": "testproject.proxied.settings"}
    with serving(loopback, "--certfile", str(tmp_path / "own.pem"), **env) as service:
        url = service.url.replace("http:", "https:")
        trust = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        assert httpx.get(f"{url}/nothing", verify=trust).status_code == 404
