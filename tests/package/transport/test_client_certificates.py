"""Client certificates: the upstream sees them, and sees the new one after their files were replaced."""

import asyncio
import os
import ssl

import pytest
import trustme
from upstreams.transport import network


@pytest.fixture
async def server(tmp_path):
    """Responds with the name in the client's certificate, without which nobody connects."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED

    async def respond(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        ((_, name),) = writer.get_extra_info("peercert")["subjectAltName"]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(name), name.encode()))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", authority


def write(authority, name, folder, *, modified):
    certificate = authority.issue_cert(name)
    certificate.cert_chain_pems[0].write_to_path(folder / "tls.crt")
    certificate.private_key_pem.write_to_path(folder / "tls.key")
    for file in ("tls.crt", "tls.key"):
        os.utime(folder / file, (modified, modified))


async def test_a_certificate_that_was_replaced_is_used(server, tmp_path, make_transport, ask):
    url, authority = server
    write(authority, "old.test", tmp_path, modified=1)
    files = [tmp_path / "tls.crt", str(tmp_path / "tls.key")]
    transport = make_transport(BASE_URL=url, CA=tmp_path / "ca.pem", CERT=files, REUSE_CONNECTIONS=False)
    assert await ask(transport, url=url) == b"old.test"
    write(authority, "new.test", tmp_path, modified=2)
    assert await ask(transport, url=url) == b"new.test"


async def test_a_certificate_that_is_half_replaced_is_not_used(server, tmp_path, make_transport, ask, caplog):
    url, authority = server
    write(authority, "old.test", tmp_path, modified=1)
    files = (str(tmp_path / "tls.crt"), str(tmp_path / "tls.key"))
    transport = make_transport(BASE_URL=url, CA=str(tmp_path / "ca.pem"), CERT=files, REUSE_CONNECTIONS=False)
    await ask(transport, url=url)
    (tmp_path / "tls.crt").write_text("half of a certif")
    assert [await ask(transport, url=url), await ask(transport, url=url)] == [b"old.test"] * 2
    (line,) = [record.getMessage() for record in caplog.records if record.name == network.__name__]
    assert line.endswith(f"tls.crt, {tmp_path}/tls.key cannot be read; the last certificates are still used")
