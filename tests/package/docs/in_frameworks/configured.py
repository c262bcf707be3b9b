"""A service without a module of settings, whose calls have no request to inherit from."""

import asyncio
import os

from django.conf import settings
from upstreams import open_clients

UPSTREAMS = {"quotes": {"BASE_URL": os.environ["QUOTES_URL"], "ALLOW_HTTP": True}}
settings.configure(INSTALLED_APPS=["upstreams"], UPSTREAMS=UPSTREAMS)

from mysite.quotes import quotes


async def main():
    async with open_clients():
        print(await quotes.random())


asyncio.run(main())
