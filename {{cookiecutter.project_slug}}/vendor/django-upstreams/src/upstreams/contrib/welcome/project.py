"""What a project says of itself, in its `README.md`, `pyproject.toml` and `Makefile`."""

import re
import tomllib
from dataclasses import dataclass

from upstreams import conf

TARGET = re.compile(r"^([\w-]+):.*?## *(.+)$", re.MULTILINE)
HEADING = re.compile(r"^# +(.*\S)", re.MULTILINE)
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # CommonMark: a backslash before punctuation
DAILY = ("dev", "test", "check")


@dataclass(frozen=True)
class Command:
    """A command of the day.

    Args:
        text: what to type.
        help: what it does.
    """

    text: str
    help: str


SERVE = Command("python manage.py serve --reload", "run the service, and restart it when a file changes")
RUNSERVER = Command("python manage.py runserver", SERVE.help)
OTHERS = [
    Command("python manage.py test", "run the tests"),
    Command("python manage.py check", "check the settings and the code"),
]


def title() -> str:
    """Return the first heading of `README.md`, or the name of the package, or that of the project's folder."""
    found = HEADING.search(_text("README.md"))
    heading = ESCAPED.sub(r"\1", found[1]) if found else ""
    return heading or package() or conf.base_dir().resolve().name


def package() -> str:
    """Return the name and the version in `pyproject.toml`, if there are any."""
    return " ".join(str(_about()[key]) for key in ("name", "version") if key in _about())


def description() -> str:
    """Return the description in `pyproject.toml`, if there is one."""
    return str(_about().get("description", ""))


def commands(*, has_layers: bool) -> list[Command]:
    """Return the commands of the day, of the `Makefile` or, if it has none of them, of `manage.py`.

    Args:
        has_layers: whether the project is served through `get_asgi_application`, as `manage.py serve` does.
    """
    made = _of_makefile()
    django = [SERVE if has_layers else RUNSERVER, *OTHERS]
    return [made[name] for name in DAILY if name in made] or django


def user_command() -> str:
    """Return what makes a user who may enter the admin."""
    return "make user" if "user" in _of_makefile() else "python manage.py createsuperuser"


def _of_makefile() -> dict[str, Command]:
    found = TARGET.findall(_text("Makefile"))
    return {target: Command(f"make {target}", about) for target, about in found}


def _about() -> dict[str, object]:
    try:
        about = tomllib.loads(_text("pyproject.toml")).get("project")
    except tomllib.TOMLDecodeError:  # half-typed
        return {}
    return about if isinstance(about, dict) else {}


def _text(file: str) -> str:
    try:
        return (conf.base_dir() / file).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
