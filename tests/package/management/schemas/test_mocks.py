"""Mocks of an upstream that has a recorded schema: `quotes`, an alias of the settings, whose module is a pet store."""

import unittest
from importlib import import_module

import pytest
from asgiref.sync import async_to_sync
from upstreams import UpstreamConnectionError, UpstreamStatusError
from upstreams.core.httpx import httpx
from upstreams.testing import complaints, mock_upstream

from management.openapi.conftest import load, object_of
from management.openapi.schemas import STORE

__all__ = ["load", "object_of"]
REX = {"id": 7, "name": "Rex"}
NAME = (
    r"quotes: the response 200 to GET pets/7 does not fit the schema: \$\.name: 3 is not of type string "
    r"\(quotes_openapi\.json, components/schemas/Pet/properties/name/type\); if that is meant, add schema=False"
)
pytestmark = pytest.mark.usefixtures("lifespan", "unformatted")


@pytest.fixture
def pets(object_of):
    return object_of(STORE)


@pytest.fixture
def mock(pets, upstream_mock):
    return upstream_mock("quotes")


async def test_a_response_that_fits_is_sent(mock, pets):
    mock.get("pets/7").json(REX)
    assert (await pets.get_pet(7)).name == "Rex"


def test_a_response_that_does_not_fit_is_refused_where_the_test_has_it(mock):
    with pytest.raises(AssertionError, match=f"^{NAME}$"):
        mock.get("pets/7").json(REX | {"name": 3})


async def test_a_response_that_was_refused_is_not_sent(mock, pets):
    route = mock.get("pets/7")
    with pytest.raises(AssertionError):
        route.json({})
    route.json(REX)
    assert (await pets.get_pet(7)).name == "Rex"


def test_a_path_that_the_schema_does_not_have_is_refused(mock):
    with pytest.raises(
        AssertionError, match=r"^quotes: GET /pet/7 is not in quotes_openapi\.json; did you mean 'GET /pet"
    ):
        mock.get("pet/7").json(REX)


async def test_an_upstream_that_is_imported_later_is_checked_when_it_responds(
    write, upstream_mock, monkeypatch
):
    write(STORE)
    upstream_mock("quotes").get("pets/7").json(REX | {"name": 3})
    with pytest.raises(AssertionError, match=NAME):
        await import_module("services.quotes").quotes.get_pet(7)
    with pytest.raises(
        AssertionError, match=NAME
    ):  # as at the end of a test whose code has caught the first one
        complaints.check()


async def test_a_request_that_does_not_fit_fails(mock, pets):
    mock.get("pets").json([])
    message = r'^quotes: the request GET pets does not fit the schema: the query has limit="many" is not of type integer \('
    with pytest.raises(AssertionError, match=message):
        await pets.list_pets(limit="many")
    assert len(complaints.take()) == 1


async def test_the_body_of_a_request_has_to_fit(mock, pets):
    mock.post("pets").json(REX, 201)
    with pytest.raises(
        AssertionError, match=r"the request POST pets does not fit the schema: \$\.name is missing \("
    ):
        await pets.post("pets", json={"id": 1}, into=dict)
    assert len(complaints.take()) == 1


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
@pytest.mark.parametrize("status", [401, 429, 503])
async def test_failures_and_the_statuses_of_gateways_are_always_allowed(mock, pets, status):
    mock.get("pets/7").json({"detail": "no"}, status).fail("refused")
    with pytest.raises(UpstreamStatusError):
        await pets.get_pet(7)
    with pytest.raises(UpstreamConnectionError):
        await pets.get_pet(7)


async def test_schema_false_lets_one_route_pass(mock, pets):
    mock.get("pets/7").json(REX | {"status": "lost"}, schema=False)
    mock.get("v2/pets").content(b"old", schema=False)
    assert (await pets.get_pet(7)).status == "lost"
    assert (await pets.get("v2/pets")).content == b"old"
    with pytest.raises(AssertionError, match="lost"):
        mock.get("pets/8").json(REX | {"status": "lost"})


async def test_uses_schema_lets_the_whole_mock_pass(mock, pets):
    mock.uses_schema = False
    mock.get("pets/7").json(REX | {"status": "lost"})
    assert (await pets.get_pet(7)).status == "lost"


async def test_what_a_function_responds_is_checked_too(mock, pets):
    mock.get("*").call(lambda request: httpx.Response(200, json={"id": 7}))
    with pytest.raises(
        AssertionError, match=r"the response 200 to GET pets/7 does not fit the schema: \$\.name is missing"
    ):
        await pets.get_pet(7)
    assert len(complaints.take()) == 1


async def test_an_example_is_made_up(mock, pets):
    mock.get("pets/7").example()
    pet = await pets.get_pet(7)
    assert (pet.id, pet.name, str(pet.born_on)) == (1, "name", "2026-01-31")


async def test_fields_of_an_example_may_be_given(mock, pets):
    mock.get("pets/7").example({"name": "Rex"})
    assert (await pets.get_pet(7)).name == "Rex"
    with pytest.raises(AssertionError, match=NAME):
        mock.get("pets/7").example({"name": 3})


async def test_an_example_of_another_status(mock, pets):
    mock.get("pets/7").example(status=404)
    with pytest.raises(UpstreamStatusError, match="404"):
        await pets.get_pet(7)


@pytest.mark.parametrize(
    ("path", "arguments", "message"),
    [
        ("pets/7", {"status": 202}, r"^quotes: GET /pets/\{petId\} has no status 202 in quotes_openapi\.json, but 200, 404$"),
        ("pets", {"fields": {"a": 1}}, r"^quotes: the example of GET pets is no object that could have fields$"),
        ("pet", {}, r"^quotes: GET /pet is not in quotes_openapi\.json"),
    ],
    ids=["status", "fields", "path"],
)  # fmt: skip
def test_an_example_that_cannot_be_made_is_an_error(mock, path, arguments, message):
    with pytest.raises(AssertionError, match=message):
        mock.get(path).example(**arguments)


def test_an_example_without_a_schema_says_how_to_get_one(upstream_mock):
    message = r"^quotes has no quotes_openapi\.json beside the module of its class: write it by manage\.py startupstream"
    with pytest.raises(AssertionError, match=message):
        upstream_mock("quotes").get("random").example()


def test_a_schema_that_cannot_be_read_is_an_error(mock, root):
    (root / "services/quotes_openapi.json").write_text("{")
    with pytest.raises(
        AssertionError, match=r"^quotes: quotes_openapi\.json: the schema is not JSON: line 1$"
    ):
        mock.get("pets/7").json(REX)


def test_without_the_extra_its_name_is_told(mock, monkeypatch):
    monkeypatch.setattr("upstreams.management.schemas.validation.find_spec", lambda name: None)
    with pytest.raises(
        AssertionError, match=r"^quotes: quotes_openapi\.json needs an extra: .*\[openapi\]'$"
    ):
        mock.get("pets/7").json(REX)


def test_unittest_has_the_same(object_of):
    pets = object_of(STORE)

    class PetTests(unittest.TestCase):
        def test_example(self):
            self.enterContext(mock_upstream("quotes")).get("pets/7").example()
            assert async_to_sync(pets.get_pet)(7).name == "name"

        def test_response(self):
            self.enterContext(mock_upstream("quotes")).get("pets/7").json({"name": 3})

    result = unittest.TestLoader().loadTestsFromTestCase(PetTests).run(unittest.TestResult())
    ((_, trace),) = result.failures
    assert (result.testsRun, result.errors, "$.id is missing (quotes_openapi.json" in trace) == (2, [], True)
