"""System checks of settings that only go wrong under load."""

import sys
from collections.abc import Iterator, Mapping
from inspect import iscoroutinefunction
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks.registry import registry
from django.db import DEFAULT_DB_ALIAS
from django.utils.deprecation import MiddlewareMixin
from django.utils.module_loading import import_string

from upstreams import conf
from upstreams.fastpath.inline_middleware import InlineMiddleware


@checks.register(checks.Tags.database)
def databases_suit_async_views(**_: Any) -> list[checks.CheckMessage]:
    """Refuse settings that fail or leak connections under ASGI, where `UPSTREAMS_FAST_PATH` is on.

    Databases that are neither the default nor in `UPSTREAMS_REQUIRED_DATABASES` get a warning.
    """
    current = conf.parse()[0]
    if not current.fast_path:
        return []
    required = {DEFAULT_DB_ALIAS, *current.required_databases}
    return [
        checks.Error(message, id=f"upstreams.E{number}")
        if alias in required
        else checks.Warning(message, id=f"upstreams.W{number}")
        for alias, number, message in _database_faults()
    ]


@checks.register(checks.Tags.database, deploy=True)
def databases_would_suit_async_views(**_: Any) -> list[checks.CheckMessage]:
    """Warn of the same settings where `UPSTREAMS_FAST_PATH` is off: an existing project may have no async views."""
    if conf.parse()[0].fast_path:
        return []
    return [checks.Warning(message, id=f"upstreams.W{number}") for _, number, message in _database_faults()]


def _database_faults() -> list[tuple[str, str, str]]:
    return [
        (alias, code.removeprefix("E"), f'DATABASES["{alias}"]: {what}')
        for alias, database in settings.DATABASES.items()
        for code, what in faults(database)
    ]


@checks.register("upstreams")
def settings_are_valid(**_: Any) -> list[checks.CheckMessage]:
    """Check every setting whose name begins with `UPSTREAMS_`."""
    return [checks.Error(problem, id="upstreams.E009") for problem in conf.parse()[1]]


@checks.register("upstreams")
def variables_are_spelled_right(**_: Any) -> list[checks.CheckMessage]:
    """Warn of variables that are nearly the name of one that `Env` reads and that is not set."""
    module = sys.modules.get("upstreams.environ.variables")  # imported by the settings, if at all
    read = module.Variables.last_read if module else None
    return [checks.Warning(what, id="upstreams.W011") for what in (read.misspelled() if read else [])]


@checks.register(checks.Tags.database, deploy=True)
def one_file_serves_one_replica(**_: Any) -> list[checks.CheckMessage]:
    """An SQLite file is not shared between machines."""
    return [
        checks.Warning(
            f'DATABASES["{alias}"]: SQLite with {conf.current().replicas} replicas; set DATABASE_URL',
            id="upstreams.W001",
        )
        for alias, database in settings.DATABASES.items()
        if "sqlite3" in database["ENGINE"] and conf.current().replicas > 1
    ]


@checks.register("upstreams")
def requests_stay_off_threads(**_: Any) -> list[checks.CheckMessage]:
    """Name what takes async requests through a thread, where `UPSTREAMS_FAST_PATH` is on."""
    if not conf.parse()[0].fast_path:
        return []
    threads = [(name, _thread_of(import_string(name))) for name in settings.MIDDLEWARE]
    found = [f"MIDDLEWARE: {name} {what}" for name, what in threads if what]
    if settings.CSRF_USE_SESSIONS:
        found.append("CSRF_USE_SESSIONS takes every request through a thread, to load its session")
    return [checks.Info(message, id="upstreams.I002") for message in found]


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
        *(checks.Warning(message.msg, hint=message.hint, id="upstreams.W003") for message in missing),
    ]


def faults(database: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The code and the sentence of each thing that is wrong with one entry of `DATABASES`."""
    options = database.get("OPTIONS", {})
    if database.get("ATOMIC_REQUESTS"):
        yield "E021", "ATOMIC_REQUESTS fails with async views; use transaction.atomic where it is needed"
    if "sqlite3" in database["ENGINE"] and options.get("transaction_mode") != "IMMEDIATE":
        yield "E022", 'without OPTIONS["transaction_mode"] = "IMMEDIATE" two writers fail at once'
    if "postgresql" in database["ENGINE"] and database.get("CONN_MAX_AGE", 0) != 0:
        yield "E023", "CONN_MAX_AGE must be 0; each thread would keep a connection, the pool shares them"
    if "postgresql" in database["ENGINE"] and not options.get("pool"):
        yield "E024", 'without OPTIONS["pool"] each request opens a connection of its own'


def _thread_of(middleware: Any) -> str | None:
    if not getattr(middleware, "async_capable", False):
        return "is sync: it takes every request through a thread"
    if not isinstance(middleware, type):
        return None
    hooks = []
    if getattr(middleware, "__acall__", None) is MiddlewareMixin.__acall__:
        hooks += ["process_request", "process_response"]
    if not getattr(middleware, "process_view_is_sync_safe", False):
        hooks.append("process_view")
    found = [
        name
        for name in hooks
        if hasattr(middleware, name) and not iscoroutinefunction(getattr(middleware, name))
    ]
    if found:
        return f"takes every request through a thread, for its {', '.join(found)}"
    if hasattr(middleware, "process_exception") and not getattr(middleware, "is_sync_safe", False):
        return "takes what a view raises through a thread; if its process_exception never waits, set is_sync_safe = True"
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
    if not isinstance(middleware, type) or not issubclass(middleware, InlineMiddleware):
        return name
    stock = next(base for base in middleware.__mro__ if base.__module__.startswith("django."))
    return f"{stock.__module__}.{stock.__qualname__}"
