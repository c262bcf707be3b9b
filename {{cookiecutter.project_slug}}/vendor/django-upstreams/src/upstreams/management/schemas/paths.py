"""Finds the path template of a schema that a path fits."""

from urllib.parse import unquote

from upstreams.management.openapi.operations import path_of


def segments(path: str) -> list[str]:
    """Return the segments of a path below the server, with or without its first slash."""
    return path.removeprefix("/").partition("#")[0].partition("?")[0].split("/")


def parameters(template: str, path: str) -> dict[str, str] | None:
    """Return the path parameters of a path, or None if it does not fit the template."""
    own, given = path_of(template).split("/"), segments(path)
    if len(own) != len(given):
        return None
    found: dict[str, str] = {}
    for one, value in zip(own, given, strict=True):
        if (values := _segment(one, unquote(value))) is None:
            return None
        found |= values
    return found


def order(template: str) -> tuple[bool, ...]:
    """Return what sorts templates that fit the same path: one with more text comes first."""
    return tuple("{" in segment for segment in path_of(template).split("/"))


def _segment(template: str, value: str) -> dict[str, str] | None:
    """Compare one segment such as `{owner}.json`: each parameter takes as little as it can, at least one letter."""
    first, *rest = template.split("{")
    if not value.startswith(first):
        return None
    at = len(first)
    found: dict[str, str] = {}
    for number, part in enumerate(rest):
        name, _, behind = part.partition("}")
        is_last = number == len(rest) - 1
        if is_last:
            end = len(value) - len(behind) if value.endswith(behind) else -1
        else:
            end = value.find(behind, at + 1)
        if end <= at:
            return None
        found[name] = value[at:end]
        at = end + len(behind)
    return found if at == len(value) else None
