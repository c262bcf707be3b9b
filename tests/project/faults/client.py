"""A client that shares no code with the service under test, and sends secrets that must not appear anywhere."""

import asyncio
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

CANARY = "canary-5e0f"
"""The value of every secret that a service receives."""
SECRETS = {
    "Authorization": f"Bearer {CANARY}",
    "Cookie": f"session={CANARY}",
    "X-Api-Key": CANARY,
}


@dataclass
class Response:
    """A response of the target; `seconds` until its last byte."""

    status: int
    seconds: float
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"{}")


@dataclass
class Client:
    """Opens a connection for each request."""

    port: int

    def get(
        self, path: str = "/call/faulty", timeout: float = 30, headers: Mapping[str, str] | None = None
    ) -> Response:
        return asyncio.run(self.ask(path, timeout, headers))

    def many(self, number: int, path: str = "/call/faulty", timeout: float = 30) -> list[Response]:
        """That many requests at once."""

        async def all_at_once() -> list[Response]:
            return await asyncio.gather(*(self.ask(path, timeout) for _ in range(number)))

        return asyncio.run(all_at_once())

    async def ask(
        self,
        path: str,
        timeout: float = 30,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        body: bytes = b"",
    ) -> Response:
        path += f"{'&' if '?' in path else '?'}token={CANARY}"
        fields = {"Host": "target", "Connection": "close", **SECRETS, **(headers or {})}
        if body:
            fields["Content-Length"] = str(len(body))
        return await self.send(raw_request(method, path, fields) + body, timeout)

    async def send(self, request: bytes, timeout: float = 30) -> Response:
        """Send these bytes, and return the response."""
        started = time.perf_counter()
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(request)
                raw = await reader.read()
            finally:
                writer.close()
        return parse(raw, time.perf_counter() - started)


def raw_request(method: str, path: str, fields: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def parse(raw: bytes, seconds: float) -> Response:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head, "the target closed the connection without a response"
    status, *fields = head.decode("latin-1").split("\r\n")
    pairs = (field.partition(": ") for field in fields)
    return Response(int(status.split()[1]), seconds, {name.lower(): value for name, _, value in pairs}, body)


class Watching:
    """Sends requests again and again, in a thread, while a fault lasts."""

    def __init__(self, client: Client, path: str) -> None:
        self.responses: list[Response] = []
        self.errors: list[BaseException] = []
        self._client = client
        self._path = path
        self._has_begun, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        self._has_begun.wait()  # for the first response: the fault may be over soon
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.02):
            try:
                self.responses.append(self._client.get(self._path, 10))
            except Exception as error:  # noqa: BLE001 - a test looks at them
                self.errors.append(error)
            self._has_begun.set()

    def slowest(self) -> float:
        return max(response.seconds for response in self.responses)
