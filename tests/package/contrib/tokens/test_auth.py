"""Authentication by a token in `Authorization`, of plain views and of django-ninja: without one, a 401."""

import pytest


@pytest.fixture(
    params=["contrib.tokens.whoami", "contrib.ninja.whoami"], ids=["a view", "an operation of ninja"]
)
def urls(request, settings):
    settings.ROOT_URLCONF = request.param


@pytest.mark.usefixtures("urls")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
async def test_a_view_knows_whose_token_was_sent(aclient, token, scheme):
    response = await aclient.get("/whoami/hello", headers={"Authorization": f"{scheme} {token}"})
    assert response.json() == ["hello", "ada", "ada"]


@pytest.mark.usefixtures("urls", "async_db")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer token_wrong"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
    ],
    ids=["none", "a wrong one", "another scheme", "an empty one"],
)
async def test_without_a_token_a_client_is_asked_for_one(aclient, headers):
    response = await aclient.get("/whoami/hello", headers=headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.usefixtures("urls")
async def test_a_token_under_another_scheme_is_none(aclient, token):
    response = await aclient.get("/whoami/hello", headers={"Authorization": f"Token {token}"})
    assert response.status_code == 401


@pytest.mark.usefixtures("urls")
@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("scheme", ["Bearer", "Token", "Bearer:"])
async def test_no_line_holds_a_token(aclient, token, caplog, settings, scheme, debug):
    settings.DEBUG = debug
    headers = {"Authorization": f"{scheme} {token}"}
    with caplog.at_level("DEBUG"):
        await aclient.get("/whoami/hello", headers=headers)
        await aclient.get("/nothing", headers=headers)
    assert "request" in caplog.text
    assert token not in caplog.text + str([vars(record) for record in caplog.records])
