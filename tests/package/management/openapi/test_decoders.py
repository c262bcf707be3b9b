"""msgspec builds a decoder of every type that is written, however odd the schema."""

import ast
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import get_origin, get_type_hints

import msgspec
import pytest
import upstreams

from management.openapi import odd

pytestmark = pytest.mark.usefixtures("unformatted")


@pytest.mark.parametrize("name", odd.SCHEMAS)
def test_a_decoder_can_be_built_of_all_that_is_written(load, name):
    module = load(odd.SCHEMAS[name])
    own = [kind for kind in vars(module).values() if getattr(kind, "__module__", "") == module.__name__]
    methods = [method for method in vars(module.QuotesSchema).values() if callable(method)]
    returned = [get_type_hints(method)["return"] for method in methods]
    for kind in own + returned:
        if is_struct(kind) or hasattr(kind, "__value__") or kind in returned:
            assert get_origin(kind) is AsyncGenerator or msgspec.json.Decoder(kind)


@pytest.mark.parametrize("name", odd.SCHEMAS)
def test_only_promised_names_are_imported(load, name):
    tree = ast.parse(Path(load(odd.SCHEMAS[name]).__file__).read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    own = [node for node in found if node.module.partition(".")[0] == "upstreams"]
    assert {node.module for node in own} == {"upstreams"}
    assert {alias.name for node in own for alias in node.names} <= set(upstreams.__all__)
    others = {node.module.partition(".")[0] for node in found} - {"upstreams", "msgspec"}
    assert others <= sys.stdlib_module_names


def is_struct(kind):
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
