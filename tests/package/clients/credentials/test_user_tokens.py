"""Tokens of users: one refresh at a time, in all processes, and none of them is lost."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from testproject.quotes import quotes
from testproject.tokens import Stored
from upstreams import (
    OAuth2Token,
    UpstreamCredentialsError,
    UpstreamSignInRequired,
    UpstreamStatusError,
    UserToken,
)
from upstreams.core.call import Call


@pytest.fixture
def stored(tmp_path):
    return Stored(tmp_path / "token")


@pytest.fixture
async def user(loopback, lifespan, provider, stored, define):
    """The quotes of a user whose token is still valid."""
    client = {"TOKEN_URL": f"{provider.url}/token", "CLIENT_ID": "i", "CLIENT_SECRET": "s"}
    define(quotes={"BASE_URL": provider.url, "AUTH": {"OAUTH2": client}, "MAX_CONNECTIONS": 100})
    stored.save(OAuth2Token("a0", "r0", datetime.now(UTC) + timedelta(hours=1)))
    return quotes.using(auth=UserToken("ada", load=stored.load, save=stored.save))


@pytest.fixture
def loopback(provider):
    """So that the clients are real; the alias leads to the provider."""
    return provider


async def test_a_token_is_loaded_once_and_sent(user, provider, stored):
    for _ in range(3):
        await user.random()
    stored.save(OAuth2Token("other", "other"))
    await user.random()
    assert (provider.calls, provider.refreshes, provider.refused) == (4, 0, 0)


async def test_a_hundred_calls_refresh_an_expired_token_once(user, provider, stored):
    stored.save(OAuth2Token("a0", "r0", datetime.now(UTC) + timedelta(seconds=10)))
    await asyncio.gather(*(user.random() for _ in range(100)))
    assert (provider.refreshes, provider.reused, provider.refused) == (1, 0, 0)
    token = stored.load()
    assert (token.access_token, token.refresh_token) == ("a1", "r1")
    assert timedelta(minutes=59) < token.expires_at - datetime.now(UTC) <= timedelta(hours=1)


async def test_a_hundred_calls_refresh_a_revoked_token_once(user, provider):
    provider.valid["access"] = "revoked"
    await asyncio.gather(*(user.random() for _ in range(100)))
    assert (provider.refreshes, provider.reused) == (1, 0)


async def test_a_token_that_another_process_has_refreshed_is_loaded_after_the_401(user, provider, stored):
    await user.random()
    stored.save(OAuth2Token("b", "c"))
    provider.valid = {"access": "b", "refresh": "c"}
    await user.random()
    assert (provider.refreshes, provider.refused) == (0, 1)


async def test_a_401_right_after_a_refresh_leads_to_no_other(user, provider):
    provider.call = lambda _: (401, {})
    for _ in range(3):
        with pytest.raises(UpstreamStatusError, match="status 401"):
            await user.random()
    assert provider.refreshes == 1


async def test_a_caller_that_gives_up_loses_no_token(user, provider, stored):
    provider.valid["access"] = "revoked"
    asked = threading.Event()
    refresh = provider.refresh
    provider.refresh = lambda token: [asked.set(), refresh(token)][1]
    call = asyncio.create_task(user.random())
    await asyncio.to_thread(asked.wait, 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await user.random()
    assert (stored.load().refresh_token, provider.refreshes, provider.reused) == ("r1", 1, 0)


async def test_a_token_that_cannot_be_saved_at_first_is_saved_again(user, provider, stored, monkeypatch):
    provider.valid["access"] = "revoked"
    failing = [OSError("full")]
    save = stored.save

    def save_later(token):
        if failing:
            raise failing.pop()
        save(token)

    await quotes.using(auth=UserToken("ada", load=stored.load, save=save_later)).random()
    assert stored.load().refresh_token == "r1"


async def test_a_user_who_has_to_sign_in_again_is_told_by_the_error(user, provider, stored):
    provider.valid = {"access": "revoked", "refresh": "revoked"}
    with pytest.raises(UpstreamSignInRequired) as caught:
        await user.random()
    assert str(caught.value).startswith(
        "upstream quotes: POST (token): the token endpoint refuses the refresh token of the user"
    )
    assert "r0" not in str(caught.value)
    assert caught.value.response.status_code == 400


async def test_functions_may_be_async(user, provider, stored):
    async def load():
        return stored.load()

    async def save(token):
        stored.save(token)

    provider.valid["access"] = "revoked"
    await quotes.using(auth=UserToken("ada", load=load, save=save)).random()
    assert stored.load().access_token == "a1"


@pytest.mark.parametrize("result", [LookupError("s3cr3t"), None, "s3cr3t"])
async def test_a_load_that_fails_is_named_without_a_secret(user, result):
    def load():
        if isinstance(result, Exception):
            raise result
        return result

    kind = type(result).__name__ if isinstance(result, Exception) else "TypeError"
    with pytest.raises(UpstreamCredentialsError) as caught:
        await quotes.using(auth=UserToken("bob", load=load, save=print)).random()
    assert caught.match(f"auth: load of the UserToken raised {kind}; see its cause")
    assert "s3cr3t" not in str(caught.value)


async def test_a_token_of_a_user_needs_a_client(user, define, provider, stored):
    define(quotes={"BASE_URL": provider.url, "AUTH": {"BEARER": "t"}})
    with pytest.raises(
        ImproperlyConfigured, match=r'\["AUTH"\]: a UserToken needs a client; write {"OAUTH2"'
    ):
        await user.random()


def test_no_token_is_shown_and_each_user_has_a_key(stored):
    token = OAuth2Token("s3cr3t", "s3cr3t")
    ada, bob = (UserToken(name, load=stored.load, save=stored.save) for name in ("ada", "bob"))
    keys = []
    for one in (ada, bob, ada):
        call = Call("quotes", "GET", "")
        quotes.using(auth=one)._tenant.bind(call)
        keys.append(call.tenant.key)
    assert (keys[0] == keys[2], keys[0] == keys[1]) == (True, False)
    assert "s3cr3t" not in f"{token!r} {ada!r}"
    for key in ("", 7):
        with pytest.raises(ValueError, match="key must be text that names the user"):
            UserToken(key, load=stored.load, save=stored.save)
    with pytest.raises(ValueError, match="expires_at needs a time zone"):
        OAuth2Token("a", "b", datetime(2030, 1, 1))
