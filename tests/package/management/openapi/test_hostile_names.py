"""Names of a schema that no Python, msgspec or reader can have, and so many that they are the same."""

import pytest
from upstreams.management.openapi import names

from management.openapi.schemas import TEXT, document, ok, one, query, returning

pytestmark = pytest.mark.usefixtures("unformatted")


def test_fields_whose_name_nobody_can_write_are_left_out(load):
    names = ["a\nb", 'a"b', "a\\b", "a\x00", "a\ud800", "a\u2028b"]
    module = load(returning({"type": "object", "required": names, "properties": dict.fromkeys(names, TEXT)}))
    assert module.ThingResponse.__struct_encode_fields__ == ("a\u2028b",)


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", "\u202e", "\u0455elf"])
def test_a_path_may_have_any_names(write, name):
    text = write(document(one(ok(TEXT), path=f"/a/{{{name}}}")), "store")
    assert text.isprintable() or text.replace("\n", "").isprintable()


class Counted(set):
    """A set that counts how often it is asked."""

    asked = 0

    def __contains__(self, name):
        self.asked += 1
        return super().__contains__(name)


@pytest.mark.parametrize("count", [2, 50, 100, 101, 5000])
def test_thousands_of_the_same_name_are_numbered_in_few_steps(count):
    taken = Counted({"a", *(f"a_{number}" for number in range(2, count))})
    assert names.unique("a", taken) == f"a_{count}"
    assert taken.asked < 150


def test_a_long_enumeration_is_read_as_far_as_it_is_shown(write):
    values = [f"v{number}" for number in range(50_000)]
    schema = {**TEXT, "enum": values}
    text = write(document(one(ok(TEXT), parameters=[query("q", schema)])), "store")
    assert "`v11` and 49988 more." in text


def test_a_field_may_have_the_name_of_a_function(write):
    fields = dict.fromkeys(["cast", "encode", "to_builtins", "field", "l"], TEXT)
    schema = document(one(ok({"type": "object", "properties": fields}), parameters=[query("field")]))
    imported = [line for line in write(schema, "store").splitlines() if "import" in line]
    assert imported == [
        "from __future__ import annotations",
        "from typing import Any",
        "from msgspec import Struct, field",
        "from upstreams import Upstream",
    ]
