"""Names of Python for the names of a schema, which may be anything."""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
MAX_LENGTH = 60
TYPES = {"bool", "bytes", "dict", "dt", "float", "int", "list", "str"}
"""Names that annotations use: a field or a method of that name would hide them."""
AMBIGUOUS = {"l", "I", "O"}
"""Names that look like numbers."""
SIGNS = {"+": "plus ", "-": "minus "}


def words(text: str) -> list[str]:
    """Return the words of a name, in ASCII."""
    if text[:1] in SIGNS and text[1:2].isdigit():  # GitHub's reactions: +1 and -1
        text = SIGNS[text[0]] + text[1:]
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode()
    return [word for part in re.split(r"[^A-Za-z0-9]+", plain) for word in HUMP.split(part) if word]


def snake(text: str, otherwise: str = "value") -> str:
    """Return a name for a function, an argument or a field."""
    name = "_".join(word.lower() for word in words(text))[:MAX_LENGTH].strip("_") or otherwise
    name = f"{otherwise}_{name}" if name[0].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) or name in TYPES | AMBIGUOUS else name


def camel(text: str, otherwise: str = "Model") -> str:
    """Return a name for a class."""
    name = "".join(word[0].upper() + word[1:] for word in words(text))[:MAX_LENGTH] or otherwise
    name = f"{otherwise}{name}" if name[0].isdigit() else name
    return (
        f"{name}{otherwise}"
        if keyword.iskeyword(name) or name in AMBIGUOUS or hasattr(builtins, name)
        else name
    )


def unreserved(name: str, reserved: Iterable[str]) -> str:
    """Return the name, with an underscore behind it if it means something else."""
    return f"{name}_" if name in reserved else name


def unique(name: str, taken: Iterable[str]) -> str:
    """Return the name, or one with a number behind it that is free."""
    if name not in taken:
        return name
    stem = f"{name.rstrip('_')}_" if name.islower() else name
    if free := next((free for number in range(2, 100) if (free := f"{stem}{number}") not in taken), ""):
        return free
    number = 100  # from here on in larger steps: thousands of the same name would take minutes one by one
    while f"{stem}{number}" in taken:
        number *= 2
    below = number // 2
    while number - below > 1:
        middle = (number + below) // 2
        below, number = (middle, number) if f"{stem}{middle}" in taken else (below, middle)
    return f"{stem}{number}"
