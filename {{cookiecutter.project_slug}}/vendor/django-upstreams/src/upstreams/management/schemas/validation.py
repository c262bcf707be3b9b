"""Checks values by the schemas of a document, by means of jsonschema-rs: in linear time, and without the network."""

from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from upstreams.core.extras import needed
from upstreams.management.openapi.document import Document
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.schemas.dialect import NAMED, Dialect, Side
from upstreams.management.schemas.messages import described, real
from upstreams.management.schemas.pointers import Pointer, reference

if TYPE_CHECKING:
    from jsonschema_rs import Validator

URI = "urn:schema"
BACKTRACK_LIMIT = 100_000
"""Steps of one regular expression; a pattern that needs more for a value is not checked."""


class Validation:
    """The schemas of a document, for one side.

    Args:
        document: that they are of.
        name: of its file, for messages.
        side: `request` or `response`.

    Raises:
        SchemaError: the extra is not installed.
    """

    def __init__(self, document: Document, name: str, side: Side) -> None:
        if find_spec("jsonschema_rs") is None:
            raise SchemaError(needed(name, "openapi"))
        from jsonschema_rs import Draft202012, Registry

        self._document = document
        self._name = name
        self._dialect = Dialect(document, side, _is_pattern)
        try:
            self._registry = Registry([(URI, _encodable(self._translated(document.root)))], draft=Draft202012)
        except ValueError as error:
            raise SchemaError(f"{name}: the schemas cannot be used: {type(error).__name__}") from None
        self._validators: dict[str, Validator] = {}
        self._fitted: dict[int, tuple[Any, Validator]] = {}
        """By the id of a schema, which is kept so that no other one gets it."""

    def problem(self, value: Any, pointer: Pointer) -> str:
        """Return what is wrong with a value by the schema at a pointer; empty if nothing is.

        Raises:
            SchemaError: the schema cannot be used.
        """
        try:
            errors = list(self._validator(f"{URI}{reference(pointer)}").iter_errors(value))
        except UnicodeError:
            return "it has half of a surrogate pair, which is not UTF-8"
        return described(errors, self._document, self._name)

    def fits(self, value: Any, schema: Any) -> bool:
        """Return whether a schema, which need not be in the document, allows a value."""
        try:
            if id(schema) not in self._fitted:
                translated = _absolute(_encodable(self._dialect.schema(schema)))
                self._fitted[id(schema)] = (schema, self._compiled(translated))
            return not real(list(self._fitted[id(schema)][1].iter_errors(value)))
        except (SchemaError, UnicodeError):
            return False

    def _validator(self, uri: str) -> "Validator":
        if uri not in self._validators:
            self._validators[uri] = self._compiled({"$ref": uri})
        return self._validators[uri]

    def _compiled(self, schema: Any) -> "Validator":
        from jsonschema_rs import Draft202012Validator, FancyRegexOptions

        try:
            return Draft202012Validator(
                schema,
                registry=self._registry,
                offline=True,
                validate_formats=True,
                pattern_options=FancyRegexOptions(backtrack_limit=BACKTRACK_LIMIT),
            )
        except ValueError as error:
            reason = str(error).partition("\n")[0]
            raise SchemaError(f"{self._name}: a schema cannot be used: {reason}") from None

    def _translated(self, value: Any) -> Any:
        """Return where the schemas of the document are, and them; a reference may lead to any of them."""
        if isinstance(value, list):
            return [self._translated(one) for one in value]
        if not isinstance(value, dict):
            return None
        return {
            key: {name: self._dialect.schema(one) for name, one in inner.items()}
            if key in ("schemas", *NAMED) and isinstance(inner, dict)
            else self._dialect.schema(inner)
            if key == "schema"
            else self._translated(inner)
            for key, inner in value.items()
            if key not in ("example", "examples")
        }


@lru_cache(1000)
def _is_pattern(pattern: str) -> bool:
    from jsonschema_rs import Draft202012Validator

    try:
        Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True


def _encodable(value: Any) -> Any:
    """Return a value without the names and texts that UTF-8 has no bytes for, which no request or response can hold."""
    if isinstance(value, list):
        return [_encodable(one) for one in value if _is_encodable(one)]
    if isinstance(value, dict):
        return {
            name: _encodable(one) for name, one in value.items() if _is_encodable(name) and _is_encodable(one)
        }
    return value


def _is_encodable(value: Any) -> bool:
    return not isinstance(value, str) or not any("\ud800" <= character <= "\udfff" for character in value)


def _absolute(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_absolute(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{URI}{value}" if key == "$ref" and isinstance(value, str) else _absolute(value)
        for key, value in schema.items()
    }
