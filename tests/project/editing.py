"""Edits a generated project as its team would: apps, middleware and URLs of their own or of a package."""

from pathlib import Path


def add_app(project: Path, *names: str) -> None:
    insert(project / "config" / "settings.py", "    *api.APPS,\n", *(f'"{name}",' for name in names))


def add_middleware(project: Path, *names: str, before: bool = False) -> None:
    """Adds to the end of the list, or before Django's own."""
    name = "SecurityMiddleware" if before else "XFrameOptionsMiddleware"
    line = f'    "upstreams.fastpath.middleware.{name}",\n'
    insert(project / "config" / "settings.py", line, *(f'"{name}",' for name in names), before=before)


def add_urls(project: Path, *patterns: str) -> None:
    insert(project / "config" / "urls.py", "urlpatterns = [\n", *(f"{pattern}," for pattern in patterns))


def add_settings(project: Path, text: str) -> None:
    with (project / "config" / "settings.py").open("a") as file:
        file.write(text)


def insert(file: Path, anchor: str, *lines: str, before: bool = False) -> None:
    """Inserts lines of a list below another one, or above it."""
    text, added = file.read_text(), "".join(f"    {line}\n" for line in lines)
    assert text.count(anchor) == 1, f"{anchor!r} in {file}"
    file.write_text(text.replace(anchor, added + anchor if before else anchor + added))
