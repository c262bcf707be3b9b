"""The first page of a project, and the root of its API, by the project's own settings and URLs."""

import json
from pathlib import Path

import pytest
from generation import INSTALLED, PAIRWISE, name_of
from processes import environment, run

ASK = """
import asyncio, json, logging, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
logging.disable()
from django.test import AsyncClient

async def ask(path):
    response = await AsyncClient().get(path, secure=True)
    return response.status_code, response.text

print(json.dumps([asyncio.run(ask(path)) for path in ("/", "/v1/")]))
"""
SECRET = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"
QUOTES = {"UPSTREAMS__QUOTES__BASE_URL": "https://quotes.example.com/v1"}
PLAIN = next(row for row in INSTALLED if row["api"] == "plain")
NINJA = next(row for row in PAIRWISE if row["api"] == "ninja")


def ask(project: Path, *, debug: bool, **variables: str) -> list[tuple[int, str]]:
    """The status and the text of `/` and `/v1/`. The database cannot be used: neither may need it."""
    env = environment(
        DEBUG=str(debug).lower(),
        SECRET_KEY=SECRET,
        ALLOWED_HOSTS="testserver",
        DATABASE_URL="sqlite:////no/such/folder/db.sqlite3",
        BROKER_URL="amqp://nobody:nobody@127.0.0.1:9",
        **variables,
    )
    lines = run([".venv/bin/python", "-c", ASK], project, env).splitlines()
    return [(status, text) for status, text in json.loads(lines[-1])]


@pytest.mark.parametrize("installed", [PLAIN, NINJA], indirect=True, ids=name_of)
def test_in_development_it_shows_what_there_is(installed: Path) -> None:
    (status, page), _ = ask(installed, debug=True, **QUOTES)
    assert status == 200
    assert "<h1>Quotes Service</h1>" in page
    assert "A service that asks other services and answers from their data." in page
    shown = [
        "/v1/",
        "/admin/",
        "/__upstreams__/requests/",
        "/admin/upstreams_page/upstream/",
        "/v1/quotes/random",
        "https://quotes.example.com/v1",
        "unknown",
    ]
    shown += ["make dev", "make test", "make check", "make user"]
    assert [one for one in shown if f">{one}<" not in page] == []


@pytest.mark.parametrize("installed", [PLAIN, NINJA], indirect=True, ids=name_of)
def test_in_production_it_is_not_there(installed: Path) -> None:
    (status, _), _ = ask(installed, debug=False, **QUOTES)
    assert status == 404


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("installed", [PLAIN], indirect=True, ids=name_of)
def test_the_root_of_a_plain_api_lists_its_routes(installed: Path, debug: bool) -> None:
    _, (status, text) = ask(installed, debug=debug, **QUOTES)
    listed = json.loads(text)["routes"]
    assert (status, listed[:3]) == (200, ["/v1/quotes/random", "/v1/quotes/three", "/v1/quotes/by/{author}"])


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("installed", [NINJA], indirect=True, ids=name_of)
def test_the_root_of_an_api_of_ninja_links_to_its_documentation(installed: Path, debug: bool) -> None:
    _, (status, text) = ask(installed, debug=debug, **QUOTES)
    about = json.loads(text)
    assert (status, about["docs"], about["openapi"]) == (200, "/v1/docs", "/v1/openapi.json")
