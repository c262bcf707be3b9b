"""Client certificates: the upstream sees them, and sees the new one after their files were replaced."""

import asyncio
import os
import ssl
from contextlib import suppress

import pytest
import trustme
from upstreams.transport import network, route


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
        ((_, name),) = writer.get_extra_info("peercert")["subjectAltName"]
        with suppress(asyncio.IncompleteReadError, OSError):
            while b"GET /slow" not in await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(name), name.encode()))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(name))
            await server.go_on.wait()
            writer.write(name.encode())
            await reader.read()
        server.ended.append(name)
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0, ssl=context)
    server.go_on, server.ended = asyncio.Event(), []
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", authority, server


def write(authority, name, folder, *, modified):
    certificate = authority.issue_cert(name)
    certificate.cert_chain_pems[0].write_to_path(folder / "tls.crt")
    certificate.private_key_pem.write_to_path(folder / "tls.key")
    for file in ("tls.crt", "tls.key"):
        os.utime(folder / file, (modified, modified))


async def test_a_certificate_that_was_replaced_is_used(server, tmp_path, make_transport, ask):
    url, authority, _ = server
    write(authority, "old.test", tmp_path, modified=1)
    files = [tmp_path / "tls.crt", str(tmp_path / "tls.key")]
    transport = make_transport(BASE_URL=url, CA=tmp_path / "ca.pem", CERT=files, REUSE_CONNECTIONS=False)
    assert await ask(transport, url=url) == b"old.test"
    write(authority, "new.test", tmp_path, modified=2)
    assert await ask(transport, url=url) == b"new.test"


async def test_a_certificate_that_is_half_replaced_is_not_used(server, tmp_path, make_transport, ask, caplog):
    url, authority, _ = server
    write(authority, "old.test", tmp_path, modified=1)
    files = (str(tmp_path / "tls.crt"), str(tmp_path / "tls.key"))
    transport = make_transport(BASE_URL=url, CA=str(tmp_path / "ca.pem"), CERT=files, REUSE_CONNECTIONS=False)
    await ask(transport, url=url)
    (tmp_path / "tls.crt").write_text("half of a certif")
    assert [await ask(transport, url=url), await ask(transport, url=url)] == [b"old.test"] * 2
    (line,) = [record.getMessage() for record in caplog.records if record.name == network.__name__]
    assert line.endswith(f"tls.crt, {tmp_path}/tls.key cannot be read; the last certificates are still used")


@pytest.fixture
def now(monkeypatch):
    """The time of the looks at the files, which a test may set."""

    class Now:
        time = 1000.0

    monkeypatch.setattr(route, "monotonic", lambda: Now.time)
    return Now


async def test_no_connection_of_the_old_certificate_is_used_again(
    server, tmp_path, make_transport, ask, send, now
):
    url, authority, servers = server
    write(authority, "old.test", tmp_path, modified=1)
    files = [tmp_path / "tls.crt", tmp_path / "tls.key"]
    transport = make_transport(BASE_URL=url, CA=tmp_path / "ca.pem", CERT=files)
    assert [await ask(transport, url=url) for _ in range(2)] == [b"old.test"] * 2
    slow = await send(transport, "/slow", url=url, stream=True)  # on the only connection
    assert await ask(transport, url=url) == b"old.test"  # on another one, which is idle then
    write(authority, "new.test", tmp_path, modified=2)
    now.time += 1
    assert [await ask(transport, url=url) for _ in range(3)] == [b"new.test"] * 3
    async with asyncio.timeout(10):
        while servers.ended != ["old.test"]:
            await asyncio.sleep(0)
    servers.go_on.set()
    assert b"".join([chunk async for chunk in slow.stream]) == b"old.test"
    async with asyncio.timeout(10):
        while servers.ended != ["old.test"] * 2:
            await asyncio.sleep(0)
    assert transport.pool.counts[:2] == (0, 1)


async def test_the_files_are_looked_at_once_a_second(server, tmp_path, make_transport, ask, now, monkeypatch):
    url, authority, _ = server
    write(authority, "old.test", tmp_path, modified=1)
    transport = make_transport(
        BASE_URL=url, CA=tmp_path / "ca.pem", CERT=[tmp_path / "tls.crt", tmp_path / "tls.key"]
    )
    await ask(transport, url=url)
    looks = []
    monkeypatch.setattr(route, "tls", lambda *files: [looks.append(files), network.tls(*files)][1])
    for later in (0, 0.5, 0.6, 0.1, 1):
        now.time += later
        await ask(transport, url=url)
    assert len(looks) == 2
