"""Reads settings into structs, and words the same mistake the same way in all of them."""

import difflib
import functools
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from upstreams.core.hints import hint
from upstreams.core.secrets import Secret
from upstreams.core.validation import ValidationError, convert


def read_keys(
    kind: type[Struct],
    values: Mapping[str, Any],
    name: Callable[[str], str],
    *,
    what: str = "key",
    skip: Collection[str] = (),
) -> tuple[dict[str, Any], list[str]]:
    """Convert keys of a settings dict to the fields of a struct.

    Args:
        kind: the struct; its fields carry the keys as their encoded names, its attribute `hints` what to write
            instead of other keys.
        values: key -> value.
        name: returns a key as messages name it, such as `UPSTREAMS["quotes"]["TIMEOUT"]`.
        what: the noun for an unknown key in messages.
        skip: fields that are not keys.

    Returns:
        The valid fields by their names, and one sentence for each mistake.
    """
    fields = {one.encode_name: one for one in _fields(kind) if one.name not in skip}
    found: dict[str, Any] = {}
    problems = [
        f"{name(str(key))}: unknown {what}; {_instead(str(key), fields, getattr(kind, 'hints', {}))}"
        for key in values
        if key not in fields
    ]
    for key, field in fields.items():
        if key in values:
            value, wrong = _read(values[key], field.type, name(key))
            problems += wrong
            if not wrong:
                found[field.name] = value
        elif field.required:
            problems.append(f"{name(key)}: is missing")
    return found, problems


_fields = functools.cache(msgspec.structs.fields)
"""The fields of a struct, which cost more to find than to read: `using` reads credentials for each call."""


def read_value(value: Any, kind: Any, name: str) -> tuple[Any, list[str]]:
    """Convert one value as `read_keys` does those of a dict.

    Args:
        value: of a setting, or what takes its place.
        kind: its type.
        name: as messages name it.
    """
    return _read(value, kind, name)


def key_of(path: str) -> Callable[[str], str]:
    """Return a function that names a key below a path: `UPSTREAMS["quotes"]` -> `UPSTREAMS["quotes"]["TIMEOUT"]`."""
    return lambda key: f'{path}["{key}"]'


def expected_dict(path: str, example: str) -> str:
    """Return the sentence for a value that should be a dict."""
    return f"{path}: expected a dict such as " + "{" + example + "}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return a clause that names the most likely correct spelling, or all names if none is close.

    The first words of a name count as a spelling of it: `CONECT` suggests `CONNECT_TIMEOUT`.
    """
    names = sorted(known)
    shared, underscore, _ = os.path.commonprefix([word, *names]).rpartition("_")  # noqa: RUF071 - of names
    start = len(shared + underscore)  # what all have in common, such as UPSTREAMS_, makes none of them likely
    sought = word[start:].lower()
    spellings: dict[str, str] = {}
    for name in names:
        parts = name[start:].lower().split("_")
        spellings.setdefault("_".join(parts[: sought.count("_") + 1]), name)
    spellings |= {name[start:].lower(): name for name in names}
    if close := difflib.get_close_matches(sought, spellings, n=1):
        return f"did you mean {spellings[close[0]]!r}?"
    return f"known are {', '.join(names) or 'none'}"


def _instead(key: str, known: Collection[str], hints: Mapping[str, str]) -> str:
    if key.upper() in known:
        return suggestion(key, known)
    return hint(key, hints) or suggestion(key, known)


def _read(value: Any, kind: Any, path: str) -> tuple[Any, list[str]]:
    value = _plain(value, kind)
    struct = _struct(kind)
    if struct is not None and value is not None:
        return _read_struct(value, struct, path)
    if get_origin(kind) is dict and isinstance(value, Mapping):
        return _read_dict(value, get_args(kind)[1], path)
    try:
        return convert(value, kind), []
    except ValidationError as error:
        parts = [part for part in error.path.split(".") if part]
        place = "".join(f"[{part}]" if part.isdigit() else f'["{part}"]' for part in parts)
        form = "" if place else _form(kind)
        return None, [f"{path}{place}: {error.message.replace('null', 'None')}{form}"]


def _read_struct(value: Any, struct: type[Struct], path: str) -> tuple[Any, list[str]]:
    if not isinstance(value, Mapping):
        try:
            value = struct.read_other(value)  # type: ignore[attr-defined]
        except (AttributeError, ValueError):
            return None, [expected_dict(path, f'"{_fields(struct)[0].encode_name}": …')]
    found, problems = read_keys(struct, value, key_of(path))
    if problems:
        return None, problems
    try:
        return struct(**found), []
    except ValueError as error:
        return None, [f"{path}: {error}"]


def _read_dict(value: Mapping[Any, Any], kind: Any, path: str) -> tuple[Any, list[str]]:
    read = {str(key): _read(one, kind, key_of(path)(str(key))) for key, one in value.items()}
    return {key: one for key, (one, _) in read.items()}, [one for _, wrong in read.values() for one in wrong]


def _plain(value: Any, kind: Any) -> Any:
    """Return paths as text, and text that holds a JSON list or object, as variables do, as that."""
    if isinstance(value, os.PathLike) and not any(map(_is_secret, _kinds(kind))):  # it is read from its file
        return os.fspath(value)
    if isinstance(value, str) and value[:1] in ("{", "[") and not all(map(_is_text, _kinds(kind))):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _is_text(kind: Any) -> bool:
    return kind in (str, NoneType) or _is_secret(kind)


def _is_secret(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Secret)


def _form(kind: Any) -> str:
    """Return the clause that shows the form of a value, for a type that has an example of it."""
    examples = [one.examples[0] for one in getattr(kind, "__metadata__", ()) if one.examples]
    return f"; write {examples[0]}" if examples else ""


def _struct(kind: Any) -> type[Struct] | None:
    """Return the struct that a type is, or that is one side of its union."""
    return next((one for one in _kinds(kind) if isinstance(one, type) and issubclass(one, Struct)), None)


def _kinds(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
