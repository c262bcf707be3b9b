"""`make dev` mocks the upstreams that were recorded, and leads the service to the mocks."""

import json
import os

import pytest
from upstreams.management.dev.mocks import DevMocks

SCHEMA = {
    "openapi": "3.1.0",
    "info": {"title": "Quotes", "version": "1"},
    "paths": {
        "/random": {
            "get": {
                "responses": {
                    "200": {"description": "it", "content": {"application/json": {"example": {"text": "a"}}}}
                }
            }
        }
    },
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a schema of quotes, in which the variables are those of `.env`."""
    monkeypatch.delenv("UPSTREAMS_MOCKS", raising=False)
    monkeypatch.setenv("ENV_FILE", str(tmp_path / ".env"))
    monkeypatch.setenv("DEBUG", "true")
    record(tmp_path, "quotes")
    return tmp_path


@pytest.fixture
def of():
    """Makes the mocks of a project, and lets their ports go."""
    made = []

    def of(*args):
        made.append(DevMocks(*args))
        return made[-1]

    yield of
    for mocks in made:
        mocks.close()


def record(project, alias):
    (project / f"{alias}_openapi.json").write_text(json.dumps(SCHEMA))


def aliases(mocks):
    mocks.processes()
    text = mocks.environment().get("UPSTREAMS_MOCKS", "")
    return [item.partition("=")[0] for item in text.split(",") if "=" in item]


def test_what_was_recorded_is_mocked(project, of):
    record(project, "rates")
    mocks = of(project)
    (process,) = mocks.processes()
    assert (process.name, process.restarts) == ("mocks", False)
    assert aliases(mocks) == ["quotes", "rates"]


def test_a_project_without_recordings_has_no_process(project, of):
    (project / "quotes_openapi.json").unlink()
    mocks = of(project)
    assert (mocks.processes(), mocks.environment()) == ([], {})


@pytest.mark.parametrize(("real", "left"), [("quotes", ["rates"]), ("quotes, rates", []), ("all", [])])
def test_real_upstreams_are_asked_for_by_name(project, of, real, left):
    record(project, "rates")
    assert aliases(of(project, real)) == left


def test_a_real_upstream_without_a_mock_is_refused(project, of):
    with pytest.raises(ValueError, match=r"^quote has no mock; did you mean 'quotes'\?$"):
        of(project, "quote")


def test_an_upstream_whose_url_is_set_is_not_mocked(project, of):
    (project / ".env").write_text("UPSTREAMS__QUOTES__BASE_URL=https://api.example.com\n")
    assert aliases(of(project)) == []


@pytest.mark.parametrize("debug", ["false", "", "maybe"])
def test_without_debug_nothing_is_mocked(project, of, debug, monkeypatch):
    monkeypatch.setenv("DEBUG", debug)
    assert aliases(of(project)) == []


def test_mocks_of_the_developers_own_are_left_alone(project, of, monkeypatch):
    monkeypatch.setenv("UPSTREAMS_MOCKS", "quotes=http://127.0.0.1:1")
    mocks = of(project)
    assert (mocks.processes(), mocks.environment()) == ([], {})


def test_a_change_of_a_recording_is_a_new_process_at_the_same_address(project, of):
    mocks = of(project)
    before, environment = mocks.processes(), mocks.environment()
    assert mocks.processes() == before
    os.utime(project / "quotes_openapi.json", (1, 1))
    again = mocks.processes()
    assert (again != before, mocks.environment()) == (True, environment)
    record(project, "rates")
    assert mocks.processes() != again
    assert mocks.environment()["UPSTREAMS_MOCKS"].startswith(environment["UPSTREAMS_MOCKS"])


def test_two_that_start_at_the_same_moment_have_ports_of_their_own(project, of):
    one, two = of(project), of(project)
    assert aliases(one) == aliases(two) == ["quotes"]
    assert one.environment() != two.environment()


@pytest.mark.processes
def test_the_service_calls_the_mock_and_its_behavior_outlives_a_save(start, root):
    record(root, "quotes")
    view = (root / "shop" / "views.py").read_text()
    call = view.replace(
        "async def index(request):",
        "from upstreams import Upstream\nquotes = Upstream('quotes')\n\nasync def index(request):\n"
        "    return HttpResponse('first ' + str((await quotes.request('GET', 'random')).json()))",
    )
    (root / "shop" / "views.py").write_text(call)
    dev = start()
    dev.serves("first {'text': 'a'}")
    at = dev.says("Make them slow, failing or unreachable: ")
    page = dev.text[at:].splitlines()[0]
    dev.post(f"{page}quotes", behavior="refuse")
    dev.write("shop/views.py", call.replace("'first '", "'second '"))
    dev.serves("UpstreamConnectionError")
    dev.post(f"{page}quotes", behavior="normal")
    dev.serves("second {'text': 'a'}")
    assert dev.text.count("quotes_openapi.json\n") == 1
