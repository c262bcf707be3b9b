"""`manage.py mockupstreams` plays what was recorded, says where, and refuses the rest in one line."""

import json
import logging
import signal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from upstreams.core.httpx import httpx
from upstreams.management.commands import mockupstreams

from management.mocks.conftest import free_url

SCHEMA = {
    "openapi": "3.1.0",
    "info": {"title": "Rates", "version": "1"},
    "paths": {"/latest": {"get": {"responses": {"200": {"description": "rates"}}}}},
}


@pytest.fixture
def recorded(project, settings):
    """That project, with a schema of rates, as the one of the settings."""
    (project / "services").mkdir()
    (project / "services" / "rates_openapi.json").write_text(json.dumps(SCHEMA))
    settings.BASE_DIR = project
    settings.UPSTREAMS = {
        name: {"BASE_URL": f"https://{name}.example.com"} for name in ("quotes", "rates", "other")
    }
    return project


@pytest.fixture
def play(monkeypatch):
    """Runs the command until it has started, and returns what it printed."""

    def play(*args, during=lambda: None, **options):
        def stop(_):
            during()
            raise KeyboardInterrupt

        monkeypatch.setattr(mockupstreams.time, "sleep", stop)
        out = StringIO()
        call_command("mockupstreams", *args, stdout=out, **options)
        return out.getvalue()

    return play


def ports():
    return {"port": int(free_url().rpartition(":")[2]), "page": int(free_url().rpartition(":")[2])}


def test_each_one_is_a_line_with_its_address_and_its_source(recorded, play):
    chosen = ports()
    quotes, rates, page, how = play(**chosen).splitlines()
    assert quotes == f"quotes  http://127.0.0.1:{chosen['port']}  1 cassette"
    assert rates.startswith("rates   http://127.0.0.1:")
    assert rates.endswith("  1 cassette and services/rates_openapi.json")
    assert page == f"Make them slow, failing or unreachable: http://127.0.0.1:{chosen['page']}/"
    variable = (
        f"UPSTREAMS_MOCKS=http://127.0.0.1:{chosen['page']},quotes=http://127.0.0.1:{chosen['port']},rates="
    )
    assert how.startswith(f"Call them: {variable}")


def test_a_port_that_is_taken_is_left_to_others(recorded, play):
    chosen = ports()
    seen = []
    play("quotes", **chosen, during=lambda: seen.append(play("quotes", **chosen)))
    assert f"http://127.0.0.1:{chosen['port']} " not in seen[0]


def test_the_addresses_that_make_dev_has_chosen_are_used(recorded, play, monkeypatch):
    page, url = free_url(), free_url()
    monkeypatch.setenv("UPSTREAMS_MOCKS", f"{page},quotes={url}")
    lines = play().splitlines()
    assert lines == [f"quotes  {url}  1 cassette", f"Make them slow, failing or unreachable: {page}/"]


def test_make_dev_has_an_upstream_played_before_the_settings_have_it(recorded, play, monkeypatch, settings):
    del settings.UPSTREAMS["quotes"]
    page, url = free_url(), free_url()
    monkeypatch.setenv("UPSTREAMS_MOCKS", f"{page},quotes={url},gone={free_url()}")
    assert play().splitlines()[0] == f"quotes  {url}  1 cassette"


def test_sigterm_ends_it_as_ctrl_c_does(recorded, play):
    level = logging.getLogger("uvicorn.error").level
    play("quotes", **ports(), during=lambda: signal.raise_signal(signal.SIGTERM))
    assert logging.getLogger("uvicorn.error").level == level
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize(
    ("option", "behavior"),
    [
        ("--slow=quotes=0.5", "slow (0.5 s)"),
        ("--fail=quotes", "fail (503)"),
        ("--fail=quotes=0.5", "fail (503, 50% of requests)"),
        ("--hang=quotes", "hang"),
    ],
)
def test_options_are_behaviors(recorded, play, option, behavior, monkeypatch):
    chosen = ports()
    seen = []

    def look():
        page = httpx.get(
            f"http://127.0.0.1:{chosen['page']}/", headers={"accept": "text/html"}, trust_env=False
        )
        seen.append(page.text)

    play("quotes", option, **chosen, during=look)
    assert f"Now: <strong>{behavior}</strong>" in seen[0]


def test_what_refuses_connections_from_the_start_does_not_listen(recorded, play):
    chosen = ports()

    def look():
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{chosen['port']}/random", trust_env=False)

    play("quotes", "--refuse=quotes", **chosen, during=look)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["qoutes"], "qoutes: not in settings.UPSTREAMS; did you mean 'quotes'?"),
        (["other"], "other: has no recorded schema and no cassette; `startupstream other --openapi FILE`"),
        (["--slow=qoutes=1"], "--slow: qoutes is not played; did you mean 'quotes'?"),
        (["--slow=quotes=soon"], "--slow: seconds: "),
        (["--hang=quotes=1"], "--hang: write the alias alone: quotes"),
        (["--slow=quotes=1", "--fail=quotes"], "--fail: quotes is slow (1 s) already; give one"),
    ],
)
def test_what_cannot_be_played_is_one_line(recorded, play, args, why):
    with pytest.raises(CommandError) as caught:
        play(*args)
    assert str(caught.value).startswith(why)


def test_a_project_that_has_recorded_nothing_is_told_how(recorded, play, cassette):
    cassette.unlink()
    (recorded / "services" / "rates_openapi.json").unlink()
    with pytest.raises(
        CommandError, match="no upstream has a recorded schema or a cassette; `startupstream NAME"
    ):
        play()


def test_a_link_that_begins_with_the_path_of_the_real_one_leads_to_the_mock(recorded, play, settings):
    settings.UPSTREAMS["rates"] = {"BASE_URL": "https://rates.example.com/v1"}
    chosen = ports()
    statuses = []

    def call():
        url = f"http://127.0.0.1:{chosen['port']}"
        statuses.extend(httpx.get(f"{url}/{path}").status_code for path in ("v1/latest", "v2/latest"))

    play("rates", during=call, **chosen)
    assert statuses == [200, 501]
