"""A loop that is blocked is named; one that stays blocked takes its process with it."""

import asyncio
import subprocess
import sys
import time

from upstreams.asgi import loop_watchdog

BLOCKS = """
import asyncio, re
from upstreams.asgi.loop_watchdog import watch_loop
async def main():
    async with watch_loop(60, 2, lambda late: None):
        await asyncio.sleep(0.2)
        re.fullmatch("(a+)+b", "a" * 60)
asyncio.run(main())
"""


def blocks_the_loop():
    time.sleep(0.5)


async def test_what_blocks_the_loop_is_in_the_log(caplog):
    late = []
    async with loop_watchdog.watch_loop(0.1, 0, late.append):
        await asyncio.sleep(loop_watchdog.HEARTBEAT_INTERVAL * 1.5)
        blocks_the_loop()
        await asyncio.sleep(loop_watchdog.HEARTBEAT_INTERVAL * 1.5)
    said = [record.getMessage() for record in caplog.records]
    assert "blocks_the_loop" in said[0]
    assert len(said) == 2
    assert said[1].startswith("the event loop was blocked for 0.")
    assert max(late) > 0.3


async def test_a_loop_that_turns_is_left_alone(caplog):
    late = []
    async with loop_watchdog.watch_loop(0.5, 60, late.append):
        await asyncio.sleep(loop_watchdog.HEARTBEAT_INTERVAL * 2.5)
    assert late
    assert caplog.records == []


def test_a_loop_that_stays_blocked_takes_its_process_with_it():
    # A regular expression without end holds the interpreter's lock: no thread of ours would ever run.
    done = subprocess.run(
        [sys.executable, "-c", BLOCKS], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "fullmatch" in done.stderr
