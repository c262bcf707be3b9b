"""Tokens: who they let in, that nobody can read them, and how they are made and revoked."""

import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone
from upstreams.contrib.tokens import tokens
from upstreams.contrib.tokens.models import Token

SHAPE = re.compile(r"token_[A-Za-z0-9_-]{43}")


def test_a_token_has_an_owner_found_by_one_query(db, django_assert_num_queries):
    ada = User.objects.create_user("ada")
    key = tokens.create(ada, "a test")
    with django_assert_num_queries(1):
        assert async_to_sync(tokens.owner)(key) == ada


@pytest.mark.parametrize(
    "key",
    [
        "",
        "token_",
        "token_" + "a" * 43 + "\n",
        "token_" + "a" * 42 + "\0",
        "token_" + "ä" * 43,
        "x" * 100_000,
    ],
)
async def test_garbage_is_nobodys_and_asks_no_database(key):
    assert await tokens.owner(key) is None  # this test has none


async def test_another_key_is_nobodys(token):
    other = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert await tokens.owner(other) is None


@pytest.mark.parametrize(("seconds", "name"), [(60, "ada"), (-1, None)])
async def test_a_token_expires(token, seconds, name):
    await Token.objects.aupdate(expires=timezone.now() + timedelta(seconds=seconds))
    assert getattr(await tokens.owner(token), "username", None) == name


async def test_a_user_who_is_not_active_has_no_token(token):
    await User.objects.aupdate(is_active=False)
    assert await tokens.owner(token) is None


async def test_the_database_does_not_know_the_key(token):
    (row,) = [row async for row in Token.objects.values()]
    assert SHAPE.fullmatch(token)
    assert token not in str(row)
    assert row["digest"] == tokens.digest(token)


async def test_a_token_has_a_name_that_fits(async_db):
    user = await User.objects.acreate_user("ada")
    with pytest.raises(ValidationError, match="at most 100 characters"):
        await sync_to_async(tokens.create)(user, "n" * 101)


@pytest.mark.parametrize(("days", "expires"), [([], False), (["--days", "90"], True)])
def test_a_command_makes_a_token_and_prints_its_key(db, capsys, days, expires):
    User.objects.create_user("ada")
    call_command("createtoken", "ada", "--name", "billing", *days)
    (made,) = Token.objects.all()
    key = capsys.readouterr().out.removesuffix("\n")
    assert (made.name, made.digest) == ("billing", tokens.digest(key))
    assert (made.expires is not None) == expires


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["nobody", "--name", "a"],
            "nobody: there is no active user of this name; createsuperuser makes one",
        ),
        (["ada", "--name", ""], "--name: This field cannot be blank."),
        (["ada", "--name", "a", "--days", "0"], "write a number from 1 to 36500"),
    ],
)
def test_a_wrong_argument_is_one_sentence(db, arguments, message):
    User.objects.create_user("ada")
    with pytest.raises(CommandError, match=re.escape(message)):
        call_command("createtoken", *arguments)


@pytest.fixture
def storage(request, settings):
    """Where messages wait until a page shows them."""
    settings.MESSAGE_STORAGE = f"django.contrib.messages.storage.{request.param}"


@pytest.fixture
def shown(admin_client, admin_user):
    """The answer of the admin when it has made a token."""
    data = {"user": admin_user.pk, "name": "billing", "expires_0": "", "expires_1": ""}
    return admin_client.post("/admin/upstreams_tokens/token/add/", data)


def test_the_admin_shows_a_key_once(shown, admin_client):
    (key,) = SHAPE.findall(shown.text)
    assert tokens.digest(key) == Token.objects.get().digest
    assert not SHAPE.search(admin_client.get("/admin/upstreams_tokens/token/").text)


@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize("storage", ["fallback.FallbackStorage", "session.SessionStorage"], indirect=True)
def test_nothing_keeps_the_key_that_the_admin_shows(shown, admin_client):
    assert "no-store" in shown["Cache-Control"]
    assert "messages" not in admin_client.cookies  # its value would be compressed
    assert not SHAPE.search(str(dict(admin_client.session.items())))
    assert not SHAPE.search(str([*LogEntry.objects.values(), *Token.objects.values()]))


def test_the_admin_revokes_a_token_and_changes_none(admin_client, admin_user):
    tokens.create(admin_user, "billing")
    made = Token.objects.get()
    assert (
        admin_client.post(f"/admin/upstreams_tokens/token/{made.pk}/change/", {"name": "b"}).status_code
        == 403
    )
    admin_client.post(f"/admin/upstreams_tokens/token/{made.pk}/delete/", {"post": "yes"})
    assert not Token.objects.exists()


def test_the_admin_offers_a_search_for_the_user(admin_client):
    page = admin_client.get("/admin/upstreams_tokens/token/add/").text
    assert "admin-autocomplete" in page


def test_without_an_admin_of_users_their_id_is_asked_for(admin_client):
    users = admin.site.get_model_admin(User)
    admin.site.unregister(User)
    try:
        page = admin_client.get("/admin/upstreams_tokens/token/add/").text
    finally:
        admin.site.register(User, type(users))
    assert "admin-autocomplete" not in page
    assert '<input type="text" name="user"' in page


def test_the_page_of_a_key_leads_back_to_all_tokens(shown):
    assert 'href="/admin/upstreams_tokens/token/"' in shown.text


def test_migrations_hold_the_models(db):
    call_command("makemigrations", "upstreams_tokens", check=True, dry_run=True, verbosity=0)
