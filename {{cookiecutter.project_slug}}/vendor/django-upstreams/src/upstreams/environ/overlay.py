"""`UPSTREAMS__ALIAS__KEY` variables on top of `settings.UPSTREAMS`, and what to write instead of misspelled ones."""

import difflib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

PREFIX = "UPSTREAMS__"
FILE = "_FILE"
"""The end of a variable that names a file with a credential."""
CLOSE = 0.8
"""How similar a key must be to one of ours; others may be somebody else's, such as Kubernetes' links of services."""


def overlay(
    defaults: Mapping[str, Mapping[str, Any]], variables: Mapping[str, str], own: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return the definitions with what the variables set.

    Args:
        defaults: alias -> keys.
        variables: name -> text.
        own: the variables of the service, by their names.

    Raises:
        ImproperlyConfigured: a variable names an alias that is not defined, or is nearly one of these.
    """
    merged = {alias: dict(keys) for alias, keys in defaults.items()}
    for name, text in sorted(variables.items()):  # a whole dict comes before its keys
        if name.startswith(PREFIX):
            alias, _, rest = name.removeprefix(PREFIX).partition("__")
            if alias.lower() not in merged or not rest:
                raise ImproperlyConfigured(
                    f"{name}: no such upstream; {_meant(name, merged) or _example(merged)}"
                )
            try:
                _set(merged[alias.lower()], rest.split("__"), text)
            except ValueError:
                raise ImproperlyConfigured(f"{name}: the dict that it changes is not JSON") from None
        elif name.startswith("UPSTREAM"):
            setting = name.removeprefix("UPSTREAMS_")
            if setting in own:
                raise ImproperlyConfigured(f"{name}: is a setting, not a variable; write {setting}")
            if meant := _meant(name, merged):
                raise ImproperlyConfigured(f"{name}: no such variable; {meant}")
    return merged


def _set(keys: dict[str, Any], parts: list[str], text: str) -> None:
    """Set a key, or one of a dict below it: `AUTH__BEARER`, `HEADERS__X_API_KEY`, `AUTH__OAUTH2__CLIENT_SECRET_FILE`."""
    *above, last = parts
    for part in above:
        below = keys.get(part)
        if isinstance(below, str) and below.startswith("{"):
            below = json.loads(below)
        keys[part] = dict(below) if isinstance(below, Mapping) else {}
        keys = keys[part]
    is_file = bool(above) and last.endswith(FILE)
    last = last.removesuffix(FILE) if is_file else last
    if above == ["HEADERS"]:
        last = _header(last, keys)
    keys[last] = Path(text) if is_file else text


def _header(name: str, given: Mapping[str, Any]) -> str:
    """Return the header that a variable means, in the spelling of the settings if they have it."""
    wanted = name.replace("_", "-").title()
    return next((one for one in given if str(one).lower() == wanted.lower()), wanted)


def _meant(name: str, merged: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the clause that names the variable which was meant, if one is close."""
    sought = re.sub("^UPSTREAMS?_*", "", name).replace("__", "_")
    keys = {key.replace("__", "_"): key for key in _keys()}
    aliases = [alias.upper() for alias in merged if alias != "*"]
    for alias in aliases:
        key = sought.removeprefix(f"{alias}_")
        if header := re.fullmatch("HEADERS?_(.+)", key):
            return f"write {PREFIX}{alias}__HEADERS__{header[1]}"
        if key in keys and key != sought:
            return f"write {PREFIX}{alias}__{keys[key]}"
        if key != sought and (close := difflib.get_close_matches(key, keys, n=1, cutoff=CLOSE)):
            return f"did you mean {PREFIX}{alias}__{keys[close[0]]}?"
    for key in sorted(keys, key=len, reverse=True):
        alias = sought.removesuffix(f"_{key}")
        if alias != sought and (close := difflib.get_close_matches(alias, aliases, n=1)):
            return f"did you mean {PREFIX}{close[0]}__{keys[key]}?"
    return ""


def _keys() -> list[str]:
    # Imported only for a name that is wrong: it loads the HTTP library.
    from msgspec.structs import fields

    from upstreams.core.definition import Definition
    from upstreams.core.fields import Auth, OAuth2

    keys = [one.encode_name for one in fields(Definition) if one.name != "alias"]
    keys += [f"AUTH__{one.encode_name}" for one in fields(Auth)]
    keys += [f"AUTH__OAUTH2__{one.encode_name}" for one in fields(OAuth2)]
    return keys + [f"AUTH__{key}{FILE}" for key in ("BEARER", "OAUTH2__CLIENT_SECRET")]


def _example(merged: Mapping[str, Mapping[str, Any]]) -> str:
    names = ", ".join(f"{PREFIX}{alias.upper()}__BASE_URL" for alias in merged if alias != "*")
    return f"write a variable such as {names}"
