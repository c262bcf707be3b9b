"""The innermost transports of a test with a cassette: one records the real upstream, one takes its place."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.httpx import Request, Response, Transport, httpx, stream_of
from upstreams.management.cassettes.dates import shifted
from upstreams.management.cassettes.format import Failure, Recording, Sent
from upstreams.policies.addresses import CHECKS_ADDRESSES
from upstreams.policies.decoding import decode
from upstreams.testing import network
from upstreams.testing.cassettes.cassette import Playback, Taken, Tape
from upstreams.testing.cassettes.failures import HANG, STOPPED, fail, failure_of
from upstreams.testing.cassettes.requests import is_for_token, path_of
from upstreams.testing.cassettes.scrubber import REMOVED

TOKEN = {"access_token": REMOVED, "token_type": "Bearer", "expires_in": 3600}  # nosec B105


class Recorder(Transport):
    """Sends requests to the real upstream, and keeps what was sent and received.

    Args:
        inner: the transport of the upstream.
        definition: of the upstream.
        tape: that the exchanges are kept on.
    """

    def __init__(self, inner: Transport, definition: Definition, tape: Tape) -> None:
        self._inner = inner
        self._base = definition.base_url
        self._hosts = _hosts(definition)
        self._tape = tape
        self.checks_addresses = getattr(inner, CHECKS_ADDRESSES, False)
        tape.scrubber.learn_settings(definition)

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        with network.let_through(*self._hosts):
            if is_for_token(call):
                return await self._inner.handle_async_request(request)
            return await self._record(request, call)

    async def _record(self, request: Request, call: Call) -> Response:
        taken = Taken(request.method, path_of(request, self._base), request.headers.multi_items())
        given = request.stream
        if isinstance(given, httpx.ByteStream):
            taken.request_body = [b"".join(given)]
        else:
            request.stream = _Upload(stream_of(request), taken)
        self._tape.taken.append(taken)
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException as error:
            taken.failure = failure_of(error, call)
            raise
        finally:
            request.stream = given
        if "Content-Encoding" in response.headers:
            decode(request, response, call)  # what is in it could not be removed otherwise
        taken.status, taken.response_headers = response.status_code, response.headers.multi_items()
        response.stream = _Download(stream_of(response), taken, call)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Upload(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, taken: Taken) -> None:
        self._inner, self._taken = inner, taken

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._taken.request_body.append(chunk)
            yield chunk


class _Download(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, taken: Taken, call: Call) -> None:
        self._inner, self._taken, self._call = inner, taken, call
        taken.failure = Failure(STOPPED)  # until its end has been read

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._taken.is_streamed = bool(self._call.stream)  # known now: the head has been seen
        try:
            async for chunk in self._inner:
                if chunk:
                    self._taken.chunks.append(bytes(chunk))
                yield chunk
            self._taken.failure = None
        except BaseException as error:
            self._taken.failure = failure_of(error, self._call) or self._taken.failure
            raise

    async def aclose(self) -> None:
        await self._inner.aclose()


class Replayer(Transport):
    """Responds as the upstream did when it was recorded.

    Args:
        definition: of the upstream.
        playback: what is left to replay.
        recording: that it is from.
    """

    checks_addresses = True  # it connects to none

    def __init__(self, definition: Definition, playback: Playback, recording: Recording) -> None:
        self._base = definition.base_url
        self._playback = playback
        self._recorded = recording.recorded
        playback.learn(definition)

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        call.attempts += 1
        body = b"".join([chunk async for chunk in stream_of(request)])
        if is_for_token(call):
            return Response(200, json=TOKEN)
        path = path_of(request, self._base)
        sent, exchange = self._playback.next(request.method, path, request.headers.multi_items(), body)
        received, failure = exchange.response, exchange.failure
        if received is None:
            await fail(failure or Failure(HANG), call)  # `read` refuses an exchange without both
        chunks = received.contents()
        headers = _headers(received.headers)
        if failure is None and request.method != "HEAD":
            size = str(sum(map(len, chunks)))  # it has changed if anything was decoded or removed
            headers = [(name, size if name == "content-length" else value) for name, value in headers]
        stream = _Replay(chunks, self._playback, failure, sent, call)
        return Response(received.status, headers=list(shifted(headers, self._recorded)), stream=stream)


class _Replay(httpx.AsyncByteStream):
    def __init__(
        self, chunks: Sequence[bytes], playback: Playback, failure: Failure | None, sent: Sent, call: Call
    ) -> None:
        self._chunks, self._playback, self._failure, self._sent, self._call = (
            chunks,
            playback,
            failure,
            sent,
            call,
        )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._failure is not None and self._failure.error == STOPPED:
            raise self._playback.complain_of_the_end(self._sent)
        if self._failure is not None:
            await fail(self._failure, self._call)


def _hosts(definition: Definition) -> set[str]:
    urls = [definition.base_url, definition.proxy or ""]
    if definition.auth is not None and definition.auth.oauth2 is not None:
        urls.append(definition.auth.oauth2.token_url)
    return {host for url in urls if (host := urlsplit(url).hostname)}


def _headers(recorded: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in recorded.items()
        for value in (values if isinstance(values, list) else [values])
    ]
