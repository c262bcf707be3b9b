"""The packages of a project, found by their folders, so that nothing has to list them."""

from pathlib import Path


def packages_in(folder: Path) -> list[str]:
    """Return the names of the packages directly in a folder: the project's own, without `vendor/` and `.venv/`."""
    found = sorted(path.parent.name for path in folder.glob("*/__init__.py"))
    return [name for name in found if name.isidentifier()]
