"""JSON converts to typed values, or gives one clause that contains nothing of it."""

import enum
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from upstreams.core.validation import ValidationError, convert, decode_json


@dataclass(frozen=True)
class Quote:
    text: str
    author: str


class Color(enum.Enum):
    RED = "red"


class Even(int):
    def __new__(cls, value):
        if value % 2:
            raise ValueError(f"{value} is not even")
        return super().__new__(cls, value)


class Model:
    """As pydantic's are."""

    @classmethod
    def model_validate(cls, value):
        if value != {"id": 1}:
            raise ValueError(f"1 validation error:\nfor {value}")
        return cls()


@pytest.mark.parametrize(
    ("content", "into", "value"),
    [
        (b'[{"text": "a", "author": "b", "more": 1}]', list[Quote], [Quote("a", "b")]),
        (b'"3"', int, 3),  # some write numbers so
        (b"4", Even, 4),
        (b'"red"', Color, Color.RED),
        (b'{"a": [null]}', Any, {"a": [None]}),
    ],
)
def test_what_fits_is_a_value_of_the_type(content, into, value):
    assert decode_json(content, into) == value


def test_a_pydantic_model_may_be_asked_for():
    assert type(decode_json(b'{"id": 1}', Model)) is Model


@pytest.mark.parametrize(
    ("content", "into", "path", "message"),
    [
        (b"", int, "", "input data was truncated"),
        (b"\xff", Any, "", "JSON is malformed: invalid character (byte 0)"),
        (b'"\xff"', str, "", "is not UTF-8"),
        (b"[" * 10**6, Any, "", "nested too deeply"),
        (b"[[1]]", list[list[str]], "0.0", "expected text, got a whole number"),
        (b'{"secret": "a"}', dict[str, int], "…", "expected a whole number, got text"),
        (b'{"secret": 1}', dict[int, int], "", "expected a whole number, got text"),
        (
            b'{"secret": [{"text": 1}]}',
            dict[str, list[Quote]],
            "….0.text",
            "expected text, got a whole number",
        ),
        (b'[{"text": "a"}]', list[Quote], "0.author", "is missing"),
        (b'"secret"', Color, "", "is not one of the allowed values"),
        (b'"secret\\n"', Literal["red"], "", "is not one of the allowed values"),
        (b"[3]", list[Even], "0", "is not a valid Even"),
        (b'[{"id": "secret"}]', list[Model], "0", "is not a valid Model"),
        (b"1e999", float, "", "number out of range"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_value_that_does_not_fit_is_named_by_its_place(content, into, path, message):
    with pytest.raises(ValidationError) as caught:
        decode_json(content, into)
    assert (caught.value.path, caught.value.message) == (path, message)


def test_the_message_of_a_class_is_repeated_where_it_may_quote():
    with pytest.raises(ValidationError, match=r"^: 3 is not even$"):
        decode_json(b"3", Even, quoting=True)


def test_text_that_does_not_fit_is_not_called_text():
    with pytest.raises(ValidationError, match=r"^count: expected a whole number$"):
        convert({"count": "many"}, Counted)


@dataclass
class Counted:
    count: int
