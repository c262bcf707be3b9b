"""Refuses written code that has anything but what such a module needs, whatever a schema may hold."""

import ast

from upstreams.management.openapi.errors import SchemaError

STATEMENTS = (
    ast.AnnAssign,
    ast.Assign,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.AugAssign,
    ast.Expr,
    ast.For,
    ast.FunctionDef,
    ast.If,
    ast.ImportFrom,
    ast.Import,
    ast.Return,
    ast.TypeAlias,
)
FUNCTIONS = {
    "Struct",
    "_form",
    "_given",
    "cast",
    "decoded",
    "encode",
    "enumerate",
    "field",
    "isinstance",
    "map",
    "str",
}
FUNCTIONS |= {"to_builtins"}
METHODS = {
    "decode",
    "delete",
    "events",
    "get",
    "isoformat",
    "items",
    "join",
    "json_lines",
    "patch",
    "post",
    "put",
}
METHODS |= {"request"}


def parsed(text: str) -> ast.Module:
    """Return the syntax of a module.

    Raises:
        SchemaError: it has none.
    """
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        raise SchemaError("the schema has names or texts that cannot be written as Python") from None


def check(text: str) -> None:
    """Refuse a module with other statements or calls than these.

    Raises:
        SchemaError: it has some, so that a schema has found a way out of its quotes.
    """
    for node in ast.walk(parsed(text)):
        is_bad = isinstance(node, ast.stmt) and not isinstance(node, STATEMENTS)
        if isinstance(node, ast.Call):
            named = node.func
            is_known = (isinstance(named, ast.Name) and named.id in FUNCTIONS) or (
                isinstance(named, ast.Attribute) and named.attr in METHODS
            )
            is_bad = is_bad or not is_known
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant | ast.Await):
            is_bad = True
        if is_bad:
            raise SchemaError("the schema has texts that would become code; nothing was written")
