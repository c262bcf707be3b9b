"""Which of the responses of an operation is meant by a status."""

TRANSIENT = {429}
UNDOCUMENTED = {304, 401, 403}
"""Statuses that come from caches, gateways and authentication, whether a schema names them or not."""


def described_as(status: int, names: list[str]) -> str | None:
    """Return the name in a schema for a status, or None: `404`, `4XX`, `default`.

    Args:
        status: of a response.
        names: in the schema.
    """
    known = {name.upper(): name for name in names}
    found = [str(status), f"{status // 100}XX", "DEFAULT"]
    return next((known[name] for name in found if name in known), None)


def first_success(names: list[str]) -> str | None:
    """Return the name of the first response that is a success, otherwise of one that is no error; None if there is none."""
    for first in ("2", "d", "3", "1"):
        if found := sorted(name for name in names if name.startswith(first)):
            return found[0]
    return None


def number_of(name: str) -> int:
    """Return a status that a name of a response covers."""
    if name.isdecimal():
        return int(name)
    return int(name[0]) * 100 if name[:1].isdecimal() else 200


def is_of_a_gateway(status: int, names: list[str]) -> bool:
    """Return whether a response may come from something before the upstream, which does not know the schema."""
    if status >= 500 or status in TRANSIENT:
        return True
    return status in UNDOCUMENTED and described_as(status, [one for one in names if one != "default"]) is None
