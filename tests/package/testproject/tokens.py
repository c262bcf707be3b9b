"""A process that calls on behalf of one user, whose token is in a file: `python -m testproject.tokens FILE`."""

import asyncio
import json
import sys
from pathlib import Path

from django.utils.dateparse import parse_datetime
from upstreams import OAuth2Token, UserToken

CALLS = 34


class Stored:
    """A token in a file, which is replaced as a whole."""

    def __init__(self, path):
        self._path = Path(path)

    def load(self):
        access, refresh, expires = json.loads(self._path.read_text())
        return OAuth2Token(access, refresh, expires and parse_datetime(expires))

    def save(self, token):
        written = self._path.with_suffix(f".{id(self)}")
        expires = token.expires_at and token.expires_at.isoformat()
        written.write_text(json.dumps([token.access_token, token.refresh_token, expires]))
        written.replace(self._path)


async def main(path):
    from upstreams.clients.pools import open_clients

    from testproject.quotes import quotes

    stored = Stored(path)
    user = quotes.using(auth=UserToken("ada", load=stored.load, save=stored.save))
    async with open_clients():
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*(user.random() for _ in range(CALLS)))
    print("done", flush=True)


if __name__ == "__main__":
    import os

    import django
    from django.conf import settings

    url = os.environ["QUOTES_URL"]
    client = {"TOKEN_URL": f"{url}/token", "CLIENT_ID": "i", "CLIENT_SECRET": "s"}
    keys = {"BASE_URL": url, "AUTH": {"OAUTH2": client}, "MAX_CONNECTIONS": CALLS}
    redis = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["TOKENS_REDIS"],
        "KEY_PREFIX": os.environ["TOKENS_PREFIX"],
    }
    # Not the settings of the suite, whose apps take seconds to load.
    settings.configure(INSTALLED_APPS=["upstreams"], UPSTREAMS={"quotes": keys}, CACHES={"default": redis})
    django.setup()
    asyncio.run(main(sys.argv[1]))
