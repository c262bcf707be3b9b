import pytest

from policies.doubles import Clock


@pytest.fixture
def clock():
    return Clock()
