import pytest

from tests.policies.doubles import Clock


@pytest.fixture
def clock():
    return Clock()
