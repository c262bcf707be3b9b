"""Finds migrations of this version of the code that a database does not have."""

import pkgutil
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "django_migrations"


def unapplied_migrations(database: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Return the app and the name of each migration on disk that the database does not record as applied.

    Compares names only: Django's `MigrationExecutor` imports every migration, and a worker would keep them.
    """
    with database.cursor() as cursor:
        if TABLE not in database.introspection.table_names(cursor):
            return set(migrations_on_disk())
        cursor.execute(f"SELECT app, name FROM {TABLE}")  # a constant # noqa: S608 # nosec B608
        return set(migrations_on_disk()) - set(cursor.fetchall())


def migrations_on_disk() -> Iterator[tuple[str, str]]:
    """Yield the app and the name of each migration, without importing it."""
    for app in apps.get_app_configs():
        package = settings.MIGRATION_MODULES.get(app.label, f"{app.name}.migrations")
        spec = _find_spec(package) if package else None
        if spec is None or spec.origin is None:  # no `__init__.py`: Django ignores such a folder
            continue
        for module in pkgutil.iter_modules(spec.submodule_search_locations or ()):
            if not module.ispkg and module.name[0] not in "_~":
                yield app.label, module.name


def _find_spec(package: str) -> ModuleSpec | None:
    try:
        return find_spec(package)
    except ModuleNotFoundError:  # the app is a single module
        return None
