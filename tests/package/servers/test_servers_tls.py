"""Calls to a real server over TLS, which reloads meanwhile."""

import socket
import ssl

import pytest
import trustme
from upstreams import Upstream

from servers import set_ups
from servers.calls import of_files, of_origin
from servers.clients import Clients

pytestmark = [pytest.mark.long, pytest.mark.processes]
LISTEN = "listen 127.0.0.1:{port} ssl; ssl_certificate tls.crt; ssl_certificate_key tls.key; add_header x-tls $ssl_protocol;"
RELOADS = 4
CALLS = [call for turn in range(9) for plan in (of_origin, of_files) for call in plan(turn)]


@pytest.fixture
def authority(folder):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issue(authority, folder)
    return authority


@pytest.fixture
def context(folder, authority):
    """For clients other than ours."""
    return ssl.create_default_context(cafile=folder / "ca.pem")


def issue(authority, folder, name="tls"):
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(folder / f"{name}.key")
    certificate.cert_chain_pems[0].write_to_path(folder / f"{name}.crt")
    return certificate.cert_chain_pems[0].bytes().decode().strip()


def secure(program, host="127.0.0.1"):
    return f"https://{host}:{program.port}"


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
async def test_a_server_of_one_version(version, folder, origin, start, define, context):
    program = start(set_ups.nginx, folder, origin, listen=LISTEN, keys=f"ssl_protocols {version};")
    async with Clients(define, secure(program), ssl=context, CA=str(folder / "ca.pem")) as clients:
        await clients.play(CALLS, program.reload, RELOADS)
        response = await Upstream("real").get("static/1.txt")
    assert response.headers["x-tls"] == version
    clients.check(version)


async def test_a_server_that_wants_a_client_certificate(folder, origin, start, define, context, authority):
    issue(authority, folder, "client")
    cert = str(folder / "client.crt"), str(folder / "client.key")
    context.load_cert_chain(*cert)
    keys = "ssl_verify_client on; ssl_client_certificate ca.pem;"
    program = start(set_ups.nginx, folder, origin, listen=LISTEN, keys=keys)
    more = {"CA": str(folder / "ca.pem"), "CERT": cert}
    async with Clients(define, secure(program), ssl=context, **more) as clients:
        await clients.play(CALLS, program.reload, RELOADS)
    clients.check("client certificates")


async def test_a_server_whose_certificate_is_renewed(folder, origin, start, define, context, authority):
    program = start(set_ups.nginx, folder, origin, listen=LISTEN)
    issued = []

    def renew():
        issued.append(issue(authority, folder))
        program.reload()

    async with Clients(define, secure(program), ssl=context, CA=str(folder / "ca.pem")) as clients:
        await clients.play(CALLS, renew, RELOADS)
    assert ssl.get_server_certificate(("127.0.0.1", program.port)).strip() == issued[RELOADS - 1]
    clients.check("renewal")


@pytest.mark.parametrize("proxy", [set_ups.squid, set_ups.tinyproxy])
async def test_a_tunnel_through_a_proxy_that_reloads(proxy, folder, origin, start, define, context):
    program = start(set_ups.nginx, folder, origin, listen=LISTEN)
    between = start(proxy, folder, origin)
    more = {"ssl": context, "proxy": between.url}
    async with Clients(define, secure(program), CA=str(folder / "ca.pem"), **more) as clients:
        await clients.play(CALLS, between.reload, RELOADS)
    clients.check(f"tunnel, {proxy.__name__}")


@pytest.mark.parametrize("is_silent", [False, True], ids=["refuses", "is silent"])
async def test_one_dead_address_of_two(is_silent, folder, origin, start, define, context, monkeypatch):
    """The name has two addresses; one of them refuses connections, or does not respond to any."""
    keys = "keepalive_requests 3;"
    program = start(set_ups.nginx, folder, origin, listen=LISTEN, keys=keys)
    ips = "127.0.0.2", "127.0.0.1"
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, program.port)) for ip in ips]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with socket.socket() as silent, socket.socket() as first:
        if is_silent:
            silent.bind(("127.0.0.2", program.port))
            silent.listen(0)
            first.connect(silent.getsockname())  # others wait for their turn
        more = {"ssl": context, "CA": str(folder / "ca.pem")}
        async with Clients(define, secure(program, "localhost"), **more) as clients:
            await clients.play(CALLS[:60], program.reload, RELOADS)
    clients.check(f"one dead address of two, silent: {is_silent}")
