"""An async test that uses the database in a way that does not work. testing/test_kit.py runs it."""

import pytest


@pytest.mark.django_db
async def test_uses_django_db():
    pass
