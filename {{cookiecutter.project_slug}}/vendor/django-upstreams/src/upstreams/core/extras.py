"""What is said where an extra of this package is not installed."""

from pathlib import Path

VENDORED = Path(__file__).parents[3] / "RECORD.sha256"
"""Lies in a generated project's copy of this package, not in a wheel."""


def needed(name: str, extra: str) -> str:
    """Return the sentence with the command that installs an extra.

    Args:
        name: of what needs it: a variable, a setting, an option or a module.
        extra: as `pyproject.toml` calls it.
    """
    uv = "scripts/uv" if VENDORED.is_file() else "uv"
    return f"{name} needs an extra: {uv} add 'django-upstreams[{extra}]'"
