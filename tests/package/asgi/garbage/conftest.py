"""A process whose memory a test decides, and a watch over its garbage."""

import gc

import pytest
from upstreams.asgi import garbage_watch
from upstreams.asgi.concurrency import ConcurrencyLimits
from upstreams.asgi.garbage_watch import GarbageWatch

MIB = 2**20


@pytest.fixture(autouse=True)
def collector():
    """No collection but those of the watch, to the bytes they leave."""
    gc.collect()
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


@pytest.fixture
def collections():
    """The generations that are collected from now on, in order."""
    seen = []

    def note(phase, info):
        if phase == "start":
            seen.append(info["generation"])

    gc.collect()
    gc.set_threshold(1_000_000)
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


class Memory:
    """A process of which a collection, or a trim, leaves so many bytes."""

    def __init__(self):
        self.now = 100 * MIB
        self.after = {}
        self.trims = 0

    def size(self):
        return self.now

    def trim(self):
        self.trims += 1
        self.now = self.after.get("trim", self.now)


@pytest.fixture
def memory():
    memory = Memory()

    def shrink(phase, info):
        if phase == "stop":
            memory.now = memory.after.get(info["generation"], memory.now)

    gc.callbacks.append(shrink)
    yield memory
    gc.callbacks.remove(shrink)


@pytest.fixture
def slots():
    return ConcurrencyLimits(5, 5, 5)


@pytest.fixture
def no_pause(monkeypatch):
    """A full collection takes no time."""
    monkeypatch.setattr(garbage_watch, "MIN_PAUSE", -1)


@pytest.fixture
async def watch(memory, slots):
    watch = GarbageWatch(slots)
    with watch.run(memory, gc.isenabled):
        yield watch
