"""An async test that asks for the database in the way that does not work. tests/test_kit.py runs it."""

import pytest


@pytest.mark.django_db
async def test_uses_django_db():
    pass
