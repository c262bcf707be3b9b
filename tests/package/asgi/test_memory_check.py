"""What clients can make a process hold, beside the memory of its container."""

import pytest
from upstreams import conf
from upstreams.asgi import body_checks


@pytest.fixture
def container(monkeypatch, tmp_path):
    """Give the container so many bytes."""

    def container(size):
        (tmp_path / "memory.max").write_text(size)
        monkeypatch.setattr(body_checks, "MEMORY_LIMITS", ("/missing", str(tmp_path / "memory.max")))
        return [message.id for message in body_checks.clients_fit_into_memory()]

    return container


def test_a_limit_of_the_container_is_compared(container, settings):
    needed = body_checks.memory_of(conf.current().limits)
    assert container(f"{needed}\n") == []
    assert container(f"{needed - 1}\n") == ["upstreams.W013"]
    settings.UPSTREAMS_WORKERS = 2
    assert container(f"{needed}\n") == ["upstreams.W013"]


def test_a_container_without_a_limit_is_none(container):
    assert container("max\n") == []
