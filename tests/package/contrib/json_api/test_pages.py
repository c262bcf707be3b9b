"""Pages of a long list, one after the other."""

import pytest
from django.contrib.auth.models import Group
from upstreams.contrib.json_api import get_page


@pytest.fixture
async def groups(async_db):
    """Five rows, the newest first."""
    made = [await Group.objects.acreate(name=f"group {number}") for number in range(5)]
    return made[::-1]


async def test_a_page_leads_to_the_next_one_until_the_last(rf, groups):
    first, following = await get_page(rf.get("/é?limit=3"), Group.objects.all(), 3, None)
    assert (first, following) == (groups[:3], f"/%C3%A9?limit=3&before={groups[2].pk}")
    assert await get_page(rf.get(following), Group.objects.all(), 3, groups[2].pk) == (groups[3:], None)


async def test_a_page_that_is_just_full_is_the_last(rf, groups):
    assert await get_page(rf.get("/"), Group.objects.all(), 5, None) == (groups, None)


async def test_a_row_that_is_added_meanwhile_moves_none(rf, groups):
    await Group.objects.acreate(name="a late one")
    rows, _ = await get_page(rf.get("/"), Group.objects.all(), 2, groups[1].pk)
    assert rows == groups[2:4]
