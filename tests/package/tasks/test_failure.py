"""What is written down of an error."""

import pytest
from testproject.workers.tasks import Unwritable
from upstreams.tasks.database.backend import DatabaseBackend
from upstreams.tasks.failure import MAX_LENGTH, class_path, describe, format_traceback

KINDS = ["nul", "surrogate", "str", "repr", "recursion", "digits", "retry_after", "infinity", "word"]


@pytest.mark.parametrize("kind", KINDS)
def test_any_error_becomes_text_that_a_database_stores(kind):
    for text in (describe(Unwritable(kind)), format_traceback(Unwritable(kind))):
        assert "Unwritable" in text
        assert "\0" not in text
        text.encode()


def test_text_is_bounded_and_keeps_its_end():
    text = describe(LookupError("a" * 10**6 + "b"))
    assert (len(text) <= MAX_LENGTH + 10, text[:12], text[-3:]) == (True, "LookupError(", "b')")


def test_a_class_has_a_path_whatever_its_module_is():
    assert class_path(type("Odd", (Exception,), {"__module__": "m\0\ud800"})()) == r"m\x00\ud800.Odd"


@pytest.mark.parametrize("kind", ["retry_after", "infinity", "word"])
def test_what_an_error_asks_for_is_a_day_at_most(kind):
    backend = DatabaseBackend("default", {"OPTIONS": {"BACKOFF": 10}})
    assert 5 <= backend.delay(1, Unwritable(kind)) <= 24 * 3600 + 10
