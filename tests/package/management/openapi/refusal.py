"""What the command says of a schema that it refuses."""

import pytest
from django.core.management import CommandError


def refused(write, schema, message):
    with pytest.raises(CommandError, match=message) as found:
        write(schema, "store")
    assert "\n" not in str(found.value)
