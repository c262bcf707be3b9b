import pytest

from metrics.scraping import scrape


@pytest.fixture
async def grown(lifespan):
    """By how much each series has grown since the test began."""
    before = await scrape()

    async def grown():
        return {series: value - before.get(series, 0) for series, value in (await scrape()).items()}

    return grown
