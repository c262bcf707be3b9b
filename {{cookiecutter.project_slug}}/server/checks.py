"""System checks of settings that only go wrong under load."""

from collections.abc import Iterator, Mapping
from inspect import iscoroutinefunction
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks.registry import registry
from django.utils.deprecation import MiddlewareMixin
from django.utils.module_loading import import_string

from server.inline import Inline


@checks.register(checks.Tags.database)
def databases_suit_async_views(**_: Any) -> list[checks.CheckMessage]:
    """No setting that Django refuses, or that leaks connections, under ASGI."""
    return [
        checks.Error(f'DATABASES["{alias}"]: {what}', id=f"server.{code}")
        for alias, database in settings.DATABASES.items()
        for code, what in faults(database)
    ]


@checks.register("server")
def timeouts_stand_on_each_other(**_: Any) -> list[checks.CheckMessage]:
    """Whoever waits for somebody waits longer than that one may take."""
    seconds = settings.TIMEOUTS
    ending = seconds["LAG"] + seconds["SERVER_GRACE"] + seconds["DRAIN"] + seconds["CLOSE"]
    rungs = [
        ("E010", seconds["REQUEST"] <= seconds["SERVER_GRACE"], "SERVER_GRACE must be at least REQUEST"),
        (
            "E011",
            ending < seconds["ORCHESTRATOR_GRACE"],
            f"ORCHESTRATOR_GRACE must be more than LAG + SERVER_GRACE + DRAIN + CLOSE, {ending:.3g} s",
        ),
        ("E012", settings.LIMITS["BODY_TIME"] < seconds["REQUEST"], "REQUEST must be more than BODY_TIME"),
    ]
    return [checks.Error(f"TIMEOUTS: {say}", id=f"server.{code}") for code, holds, say in rungs if not holds]


@checks.register(checks.Tags.database, deploy=True)
def one_file_serves_one_replica(**_: Any) -> list[checks.CheckMessage]:
    """An SQLite file is not shared between machines."""
    return [
        checks.Warning(
            f'DATABASES["{alias}"]: SQLite with {settings.REPLICAS} replicas; set DATABASE_URL',
            id="server.W001",
        )
        for alias, database in settings.DATABASES.items()
        if "sqlite3" in database["ENGINE"] and settings.REPLICAS > 1
    ]


@checks.register("server")
def requests_stay_off_threads(**_: Any) -> list[checks.CheckMessage]:
    """No middleware takes async requests through a thread."""
    found = [(name, _thread_of(import_string(name))) for name in settings.MIDDLEWARE]
    return [checks.Warning(f"MIDDLEWARE: {name} {what}", id="server.W002") for name, what in found if what]


@checks.register(checks.Tags.security, deploy=True)
def security_is_checked_behind_our_middleware(**_: Any) -> list[checks.CheckMessage]:
    """Django's deployment checks, which look for its middleware by name, as if ours had these names."""
    names = settings.MIDDLEWARE
    known = _security()
    settings.MIDDLEWARE = [_stock(name) for name in names]
    try:
        found = _security()
    finally:
        settings.MIDDLEWARE = names
    # With ours, Django's own run says these always, so that they are silenced.
    missing = [
        message for message in found if message.id in ("security.W001", "security.W002", "security.W003")
    ]
    return [
        *(message for message in found if message not in known),
        *(checks.Warning(message.msg, hint=message.hint, id="server.W003") for message in missing),
    ]


def faults(database: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The code and the sentence of each thing that is wrong with one entry of `DATABASES`."""
    options = database.get("OPTIONS", {})
    if database.get("ATOMIC_REQUESTS"):
        yield "E001", "ATOMIC_REQUESTS fails with async views; use transaction.atomic where it is needed"
    if "sqlite3" in database["ENGINE"] and options.get("transaction_mode") != "IMMEDIATE":
        yield "E002", 'without OPTIONS["transaction_mode"] = "IMMEDIATE" two writers fail at once'
    if "postgresql" in database["ENGINE"] and database.get("CONN_MAX_AGE", 0) != 0:
        yield "E003", "CONN_MAX_AGE must be 0; each thread would keep a connection, the pool shares them"
    if "postgresql" in database["ENGINE"] and not options.get("pool"):
        yield "E004", 'without OPTIONS["pool"] each request opens a connection of its own'


def _thread_of(middleware: Any) -> str | None:
    if not getattr(middleware, "async_capable", False):
        return "is sync: it takes every request through a thread"
    if not isinstance(middleware, type):
        return None
    hooks = []
    if getattr(middleware, "__acall__", None) is MiddlewareMixin.__acall__:
        hooks += ["process_request", "process_response"]
    if not getattr(middleware, "checks_inline", False):
        hooks.append("process_view")
    found = [
        name
        for name in hooks
        if hasattr(middleware, name) and not iscoroutinefunction(getattr(middleware, name))
    ]
    if found:
        return f"takes every request through a thread, for its {', '.join(found)}"
    if hasattr(middleware, "process_exception") and not getattr(middleware, "maps_inline", False):
        return "takes what a view raises through a thread; if its process_exception never waits, set maps_inline = True"
    return None


def _security() -> list[checks.CheckMessage]:
    stock = [
        check
        for check in registry.deployment_checks
        if check.__module__.startswith("django.core.checks.security")
    ]
    return [message for check in stock for message in check(app_configs=None, databases=None)]


def _stock(name: str) -> str:
    middleware = import_string(name)
    if not isinstance(middleware, type) or not issubclass(middleware, Inline):
        return name
    stock = next(base for base in middleware.__mro__ if base.__module__.startswith("django."))
    return f"{stock.__module__}.{stock.__qualname__}"
