"""Faults between start-up and shutdown, chosen by environment variables."""

import asyncio
import os

OPENING = os.environ.get("OPENING")
CLOSING = os.environ.get("CLOSING")


async def on_open() -> None:
    if OPENING == "raises":
        print("start-up raises", flush=True)
        raise RuntimeError("no token")
    if OPENING == "hangs":
        print("start-up hangs", flush=True)
        await asyncio.Event().wait()


async def on_close(name: str) -> None:
    if CLOSING == "hangs":
        await asyncio.Event().wait()
    print(f"closed the client of {name}", flush=True)
