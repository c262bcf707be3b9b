"""A service whose requests may be repeated."""

import pytest
from testproject.favourites.models import Favourite

KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = "contrib.idempotency.repeated"


def made():
    return Favourite.objects.acount()
