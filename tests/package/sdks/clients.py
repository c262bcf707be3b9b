"""The clients of SDKs, in all the places in which they are used."""

import asyncio

from upstreams import UpstreamTransport


class Clients:
    """Sends as the client of an SDK does: async in this loop, async in another loop, or sync in a thread.

    Attributes:
        library: of the client.
    """

    def __init__(self, library, way, url, **options):
        self.library = library
        self._way = way
        self._url = url
        self._options = options

    async def send(self, method, path, **more):
        """Send a request, and return its response, read."""

        async def send_async():
            async with self.open("AsyncClient") as client:
                return await client.request(method, path, **more)

        def send_sync():
            with self.open("Client") as client:
                return client.request(method, path, **more)

        return await self._run(send_async, send_sync)

    async def read(self, path, chunks=None):
        """Return the first chunks of a stream, and leave it."""

        async def read_async():
            found = []
            async with self.open("AsyncClient") as client, client.stream("GET", path) as response:
                async for chunk in response.aiter_raw():
                    found.append(chunk)
                    if len(found) == chunks:
                        break
            return found

        def read_sync():
            found = []
            with self.open("Client") as client, client.stream("GET", path) as response:
                for chunk in response.iter_raw():
                    found.append(chunk)
                    if len(found) == chunks:
                        break
            return found

        return await self._run(read_async, read_sync)

    async def _run(self, in_async, in_sync):
        match self._way:
            case "async":
                return await in_async()
            case "another loop":
                return await asyncio.to_thread(lambda: asyncio.run(in_async()))
            case "sync":
                return await asyncio.to_thread(in_sync)

    def open(self, kind, **options):
        """Return a client with its transport."""
        more = {"base_url": self._url, "timeout": None, **self._options, **options}
        return getattr(self.library, kind)(transport=UpstreamTransport("quotes"), **more)
