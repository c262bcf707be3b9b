"""What /readyz knows: found out in the background, and not by one look alone."""

import asyncio
import logging

import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from testproject.asgi import application
from upstreams import UpstreamConnectionError
from upstreams.asgi import readiness, unapplied_migrations
from upstreams.asgi.readiness import CheckState, Readiness, database_check
from upstreams.clients import health_checks
from upstreams.testing.lifespan import run_lifespan

MIGRATION = "from django.db.migrations import Migration"


@pytest.fixture
def state():
    return CheckState("upstream x")


def look(state, *problems):
    for problem in problems:
        state.started()
        state.ended(problem)
    return state.is_healthy


def test_nothing_is_good_before_the_first_look(state):
    assert not state.is_healthy


def test_the_first_look_counts_at_once(state):
    assert look(state, None)


@pytest.mark.parametrize(
    ("looks", "good"),
    [
        ([None, "down"], True),
        ([None, "down", "down"], False),
        ([None, "down", None, "down"], True),
        ([None, "down", "down", None], False),
        ([None, "down", "down", None, None], True),
        (["down", None], False),
        (["down", None, None], True),
    ],
)
def test_it_takes_two_looks_to_change_ones_mind(state, looks, good):
    assert look(state, *looks) is good


def test_a_look_that_hangs_counts_as_failed(state, monkeypatch):
    look(state, None)
    monkeypatch.setattr(readiness, "CHECK_TIMEOUT", 0.0)
    state.started()
    assert not state.is_healthy


def test_a_change_is_logged_once(state, caplog):
    look(state, "down", "down", "down")
    assert [record.getMessage() for record in caplog.records] == [
        "readiness: upstream x cannot be used: down"
    ]


async def settles(ready, good):
    async with asyncio.timeout(10):
        while ready.is_ready is not good:
            await asyncio.sleep(0.001)


class Upstream:
    up = True

    async def health_check(self):
        if not self.up:
            raise UpstreamConnectionError("scripted", call=None, phase="connect")


async def test_a_required_upstream_that_dies_and_comes_back_is_noticed():
    upstream = Upstream()
    ready = Readiness(list, lambda: {"x": upstream.health_check}, interval=0.001)
    async with ready.run_checks():
        await settles(ready, True)
        upstream.up = False
        await settles(ready, False)
        upstream.up = True
        await settles(ready, True)


async def test_where_nothing_is_required_it_is_ready_inside_the_block_alone_and_says_so(caplog):
    ready = Readiness(list, dict)
    before = ready.is_ready
    with caplog.at_level(logging.INFO):
        async with ready.run_checks():
            during = ready.is_ready
    assert (before, during, ready.is_ready) == (False, True, False)
    assert "readiness: nothing is required; the process is ready once it has started" in caplog.messages


async def test_what_is_required_makes_it_ready_inside_the_block_alone(caplog):
    ready = Readiness(list, lambda: {"x": Upstream().health_check}, interval=0.001)
    async with ready.run_checks():
        assert not ready.is_ready  # no check has ended yet
        await settles(ready, True)
    assert not ready.is_ready
    with caplog.at_level(logging.INFO):
        async with ready.run_checks():
            assert not ready.is_ready  # what an earlier run has found does not count
    assert "nothing is required" not in caplog.text


@pytest.mark.upstreams(quotes={"REQUIRED": True, "MAX_ATTEMPTS": 1})
@pytest.mark.parametrize(("status", "good"), [(200, True), (404, True), (503, False)])
async def test_an_answer_will_do_for_a_ping_if_it_is_no_5xx(upstream_mock, status, good):
    upstream_mock("quotes").get("").json({}, status)
    async with run_lifespan(application):
        (result,) = await asyncio.gather(health_checks.required()["quotes"](), return_exceptions=True)
    assert (result is None) is good


@pytest.mark.upstreams(quotes={})
def test_no_upstream_is_required_unless_told(upstreams):
    assert health_checks.required() == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failing", [True, False])
def test_a_database_is_looked_at_with_its_migrations(monkeypatch, failing):
    if failing:
        monkeypatch.setattr(
            unapplied_migrations, "migrations_on_disk", lambda: [("api", "0001_initial"), ("api", "0002_new")]
        )
    problem = database_check("default")()
    assert problem == ("migrations are not applied; run `manage.py migrate`" if failing else None)
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_one_without_any_is_not_migrated(monkeypatch):
    monkeypatch.setattr(unapplied_migrations, "TABLE", "no_such_table")
    assert unapplied_migrations.unapplied_migrations(connections["default"])
    connections.close_all()


@pytest.mark.django_db
def test_those_on_disk_are_those_that_django_knows():
    assert set(unapplied_migrations.migrations_on_disk()) == set(
        MigrationLoader(connections["default"]).disk_migrations
    )


def test_an_app_that_is_a_module_has_none(settings):
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "testproject.marked"]
    assert "marked" not in dict(unapplied_migrations.migrations_on_disk())


@pytest.mark.parametrize("packaged", [True, False])
def test_those_in_a_folder_that_is_no_package_do_not_count(tmp_path, monkeypatch, settings, packaged):
    folder = tmp_path / f"migrations_packaged_{packaged}"
    folder.mkdir()
    (folder / "0001_initial.py").write_text(MIGRATION)
    (folder / ("__init__.py" if packaged else "README")).touch()
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"sessions": folder.name}
    assert (("sessions", "0001_initial") in unapplied_migrations.migrations_on_disk()) is packaged
    assert set(unapplied_migrations.migrations_on_disk()) == set(MigrationLoader(None).disk_migrations)


def test_a_database_that_cannot_be_reached_is_named_by_its_error_alone(monkeypatch):
    def refuse(*_):
        raise OSError("password=secret")

    monkeypatch.setattr(readiness, "unapplied_migrations", refuse)
    assert database_check("default")() == "OSError"
