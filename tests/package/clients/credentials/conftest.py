import threading

import pytest
from upstreams.policies import secret_functions

from clients.credentials.provider import Provider


@pytest.fixture
def clock(monkeypatch):
    """The time, which a test may set."""

    class Now:
        time = 1000.0

    monkeypatch.setattr(secret_functions, "monotonic", lambda: Now.time)
    return Now


@pytest.fixture
def provider():
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
