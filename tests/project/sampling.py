"""Cases of one kind, of which `make test` runs some and `make test-all` all."""

from collections.abc import Mapping

import pytest
from _pytest.mark import ParameterSet

EVERY = 4
"""One of so many runs in `make test`."""


def sampled(cases: Mapping[str, object]) -> list[ParameterSet]:
    """Return the cases for `parametrize`, by their ids; three of four are long."""
    return [
        pytest.param(case, id=name, marks=() if number % EVERY == 0 else pytest.mark.long)
        for number, (name, case) in enumerate(cases.items())
    ]
