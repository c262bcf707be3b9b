"""The instruments of `make bench-streams`: an upstream of tokens, and those who read them."""

import asyncio
from typing import Any

from tokens import INTERVAL, readers, upstream


async def wait_until_empty(streams: set[Any]) -> None:
    async with asyncio.timeout(10):
        while streams:
            await asyncio.sleep(0)


def test_each_token_is_counted_with_the_time_it_took_and_streams_end_with_their_readers() -> None:
    async def play() -> list[float]:
        async with upstream() as (url, streams):
            async with readers(int(url.rpartition(":")[2]), 3) as (opened, delays):
                assert len(streams) == 3
                async with asyncio.timeout(10):
                    while len(delays) < 12:
                        await asyncio.sleep(INTERVAL)
                assert not any(reader.is_cut for reader in opened)
            await wait_until_empty(streams)
            return delays

    delays = asyncio.run(play())
    assert all(0 <= delay < 10 for delay in delays)


def test_a_stream_that_ends_before_its_first_token_is_cut() -> None:
    async def play() -> list[bool]:
        async with (
            await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1") as server,
            readers(server.sockets[0].getsockname()[1], 2) as (opened, delays),
        ):
            assert delays == []
            return [reader.is_cut for reader in opened]

    assert asyncio.run(play()) == [True, True]
