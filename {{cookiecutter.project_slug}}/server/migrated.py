"""Whether a database has the migrations that this version of the code comes with."""

import pkgutil
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "django_migrations"


def are_applied(database: BaseDatabaseWrapper) -> bool:
    """Whether each migration on disk is recorded in a database, as it is after `manage.py migrate`.

    By their names: Django's own `MigrationExecutor` imports all of them, which a worker keeps in memory.
    """
    with database.cursor() as cursor:
        if TABLE not in database.introspection.table_names(cursor):
            return False
        cursor.execute(f"SELECT app, name FROM {TABLE}")  # a constant # noqa: S608 # nosec B608
        return set(on_disk()) <= set(cursor.fetchall())


def on_disk() -> Iterator[tuple[str, str]]:
    """The app and the name of each migration."""
    for app in apps.get_app_configs():
        package = settings.MIGRATION_MODULES.get(app.label, f"{app.name}.migrations")
        spec = _found(package) if package else None
        if spec is None or spec.origin is None:  # a folder without `__init__.py`, whose files Django ignores
            continue
        for module in pkgutil.iter_modules(spec.submodule_search_locations or ()):
            if not module.ispkg and module.name[0] not in "_~":
                yield app.label, module.name


def _found(package: str) -> ModuleSpec | None:
    try:
        return find_spec(package)
    except ModuleNotFoundError:  # the app is a module, and no package that could hold others
        return None
