"""Why a schema is refused."""


class SchemaError(ValueError):
    """A schema cannot be used.

    Args:
        message: one sentence: what is wrong, and what to do instead.
    """
