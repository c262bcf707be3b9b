"""msgspec builds a decoder of every type that is written, however odd the schema."""

from collections.abc import AsyncGenerator
from typing import get_origin, get_type_hints

import msgspec
import pytest

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


def is_struct(kind):
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
