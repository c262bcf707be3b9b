"""Cassettes for `unittest`: the decorator of a `TestCase`, or of one of its tests."""

import functools
import inspect
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import TestCase

from upstreams.clients import registry
from upstreams.core.extras import needed
from upstreams.testing import complaints
from upstreams.testing.cassettes.marked import NAME, Marked, file_beside, require, require_recording
from upstreams.testing.mocks import refuse_unmocked, use_mocks

RECORD = "UPSTREAMS_RECORD"
"""The variable with the aliases to record, with commas between them; `manage.py test --record` sets it."""
LOG = "UPSTREAMS_CASSETTES_LOG"
"""The variable with the file in which processes of a run note their cassettes; our test runner sets it."""
DECORATED = "_upstream_cassette"
"""The attribute of a decorated test: the test itself, its aliases, and what is removed."""
FORM = '@upstream_cassette("rates")'


def upstream_cassette[T](*aliases: str, remove: Sequence[str] = ()) -> Callable[[T], T]:
    """Replay upstreams in the tests of a `unittest.TestCase`, sync or async, as they were recorded.

    Decorate the class, or one of its tests. `manage.py test --record rates`, or the variable
    `UPSTREAMS_RECORD=rates`, records them.

    Args:
        aliases: keys in `settings.UPSTREAMS`.
        remove: names of headers and fields that the cassette does not contain, beside those that none does.

    Raises:
        TypeError: the arguments are wrong, or something else is decorated.
    """
    if not aliases or not all(isinstance(alias, str) for alias in aliases):
        raise TypeError(f"{NAME} takes aliases; write {FORM}")
    if isinstance(remove, str):
        raise TypeError(f'{NAME}: remove= is a list of names; write remove=["account"]')

    def decorate(target: T) -> T:
        if isinstance(target, type) and issubclass(target, TestCase):
            for name in dir(target):
                if name.startswith("test") and inspect.isroutine(test := getattr(target, name)):
                    setattr(target, name, _wrapped(test, aliases, remove))
            return target
        if inspect.isfunction(target):
            return _wrapped(target, aliases, remove)  # type: ignore[return-value]
        raise TypeError(f"{NAME} decorates a TestCase or one of its tests; write {FORM} before it")

    return decorate


def _wrapped(test: Callable[..., Any], aliases: tuple[str, ...], remove: Sequence[str]) -> Callable[..., Any]:
    if known := getattr(test, DECORATED, None):  # of the class and of the test: both have the same file
        test = known[0]
        aliases, remove = tuple(dict.fromkeys([*aliases, *known[1]])), [*remove, *known[2]]
    wrapper = _wrapper(test, aliases, remove)
    setattr(wrapper, DECORATED, (test, aliases, remove))
    return wrapper


def _wrapper(test: Callable[..., Any], aliases: tuple[str, ...], remove: Sequence[str]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(test):

        @functools.wraps(test)
        async def run_async(case: TestCase, *args: Any, **kwargs: Any) -> Any:
            with _cassette(case, aliases, remove):
                return await test(case, *args, **kwargs)

        return run_async

    @functools.wraps(test)
    def run(case: TestCase, *args: Any, **kwargs: Any) -> Any:
        with _cassette(case, aliases, remove):
            return test(case, *args, **kwargs)

    return run


@contextmanager
def _cassette(case: TestCase, aliases: tuple[str, ...], remove: Sequence[str]) -> Iterator[None]:
    if find_spec("yaml") is None:
        raise AssertionError(needed(NAME, "cassettes"))
    from upstreams.testing.cassettes.session import Session  # needs an extra

    module, name = Path(inspect.getfile(type(case))), case.id().removeprefix(f"{type(case).__module__}.")
    record = [alias for alias in os.environ.get(RECORD, "").split(",") if alias]
    how = "manage.py test --record {}" if LOG in os.environ else f"{RECORD}={{}} manage.py test"
    try:
        require_recording(record, RECORD)
        for alias in aliases:
            require(alias, NAME)
        found = Marked(aliases, tuple(remove), file_beside(module, name))
        session = Session(found, record, _shown(found.file), case.id(), how)
    except (LookupError, ValueError) as error:
        raise AssertionError(error.args[0]) from None
    has_passed = False
    with complaints.come_first():
        try:
            with refuse_unmocked(), use_mocks(session.substitutes.get):
                for alias in aliases:
                    registry.renew(alias)
                yield
            session.check()
            has_passed = True
        finally:
            for alias in aliases:
                registry.renew(alias)
            _note(session.end(is_kept=has_passed))


def _shown(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _note(lines: list[str]) -> None:
    """Keep lines for the end of the run, which another process may print."""
    if log := os.environ.get(LOG):
        with Path(log).open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
