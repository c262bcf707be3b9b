"""What comes from outside is a value of a type, or one clause that holds nothing of it."""

import enum
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from services.core.typed import Mismatch, converted, decoded


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
    assert decoded(content, into) == value


def test_a_pydantic_model_may_be_asked_for():
    assert type(decoded(b'{"id": 1}', Model)) is Model


@pytest.mark.parametrize(
    ("content", "into", "where", "what"),
    [
        (b"", int, "", "input data was truncated"),
        (b"\xff", Any, "", "JSON is malformed: invalid character (byte 0)"),
        (b'"\xff"', str, "", "is not UTF-8"),
        (b"[" * 10**6, Any, "", "nested too deeply"),
        (b"[[1]]", list[list[str]], "0.0", "expected `str`, got `int`"),
        (b'{"secret": "a"}', dict[str, int], "…", "expected `int`, got `str`"),
        (b'{"secret": 1}', dict[int, int], "", "expected `int`, got `str`"),
        (b'{"secret": [{"text": 1}]}', dict[str, list[Quote]], "….0.text", "expected `str`, got `int`"),
        (b'[{"text": "a"}]', list[Quote], "0.author", "is missing"),
        (b'"secret"', Color, "", "is none of the values there are"),
        (b'"secret\\n"', Literal["red"], "", "is none of the values there are"),
        (b"[3]", list[Even], "0", "is no Even"),
        (b'[{"id": "secret"}]', list[Model], "0", "is no Model"),
        (b"1e999", float, "", "number out of range"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_does_not_fit_is_told_by_its_place(content, into, where, what):
    with pytest.raises(Mismatch) as caught:
        decoded(content, into)
    assert (caught.value.where, caught.value.what) == (where, what)


def test_what_a_class_says_is_told_where_it_may_quote():
    with pytest.raises(Mismatch, match=r"^: 3 is not even$"):
        decoded(b"3", Even, quoting=True)


def test_of_text_it_goes_without_saying_that_it_is_text():
    with pytest.raises(Mismatch, match=r"^count: expected `int`$"):
        converted({"count": "many"}, Counted)


@dataclass
class Counted:
    count: int
