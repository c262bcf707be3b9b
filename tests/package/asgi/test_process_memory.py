"""Which freed memory goes back to the system at once."""

import ctypes
import os
import subprocess
import sys

import pytest
from upstreams.asgi.process_memory import OWN_SETTINGS, return_large_blocks

SCRIPT = """
from upstreams.asgi.process_memory import ProcessMemory, return_large_blocks

return_large_blocks()
del (largest := [bytearray(20_000_000)])[:]  # glibc would keep blocks of this size from now on
with ProcessMemory() as memory:
    before = memory.size()
    blocks, small = [], []
    for _ in range(20):
        blocks.append(bytearray(b"a" * 2_500_000))
        small.append(bytearray(2_000))  # behind each, so that the end of the heap is in use
    del blocks
    print(memory.size() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator of glibc")
def test_large_blocks_go_back_in_a_process_of_its_own():
    env = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, check=True, text=True, timeout=60
    )
    assert int(done.stdout) < 10_000_000


@pytest.mark.parametrize("name", OWN_SETTINGS)
def test_a_deployment_keeps_its_own_settings(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    monkeypatch.setattr(ctypes, "CDLL", None)
    return_large_blocks()


def test_another_c_library_has_no_such_setting(monkeypatch):
    for name in OWN_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    return_large_blocks()
