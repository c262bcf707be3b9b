"""The pytest plugin: adds the fixtures of this package where Django has settings, and does nothing elsewhere."""

import os
import sys

import pytest

CASSETTE = (
    "upstream_cassette(*aliases, remove=()): replay these upstreams, as recorded by `pytest --record ALIAS`"
)
LOADED = pytest.StashKey[list[str]]()
"""Sentences for the header of the test run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of cassettes; what reads them needs Django."""
    group = parser.getgroup("upstreams")
    group.addoption(
        "--record",
        action="append",
        default=[],
        metavar="ALIAS",
        help="in tests marked by upstream_cassette, call this upstream and record its responses",
    )
    names = "names of headers, query parameters and fields that cassettes do not contain"
    parser.addini("upstream_cassette_remove", names, type="args", default=[])


@pytest.hookimpl(trylast=True)  # after pytest-django has found the settings
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the fixtures. Their modules read settings, so that they are not imported before."""
    line = "upstreams(alias={...}): the upstreams of this test, each on top of its keys in the settings"
    config.addinivalue_line("markers", line)
    config.addinivalue_line("markers", CASSETTE)
    header = config.stash[LOADED] = []
    if reason := _why_idle(config):
        if config.getoption("record"):
            raise pytest.UsageError(f"--record: {reason}")
        header.append(f"idle: {reason}")
        return
    config.pluginmanager.import_plugin("upstreams.testing.fixtures")
    config.pluginmanager.import_plugin("upstreams.testing.hints")
    config.pluginmanager.import_plugin("upstreams.testing.cassettes.plugin")
    if config.pluginmanager.hasplugin("asyncio"):
        config.pluginmanager.import_plugin("upstreams.testing.async_fixtures")
    else:
        header.append("no fixtures lifespan, aclient and background_done: install pytest-asyncio")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is missing."""
    return [f"upstreams: {sentence}" for sentence in config.stash.get(LOADED, [])]


def _why_idle(config: pytest.Config) -> str | None:
    if not config.pluginmanager.hasplugin("django"):
        return "install pytest-django"
    # pytest-django has imported django.conf only if there may be settings.
    conf = sys.modules.get("django.conf")
    if not (os.environ.get("DJANGO_SETTINGS_MODULE") or (conf and conf.settings.configured)):
        return "Django has no settings; set DJANGO_SETTINGS_MODULE"
    from django.apps import apps

    if not (apps.ready and apps.is_installed("upstreams")):
        return 'add "upstreams" to INSTALLED_APPS'
    return None
