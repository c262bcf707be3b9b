"""Refuses written code that has anything but what such a module needs, whatever a schema may hold."""

import ast

from upstreams.management.openapi.errors import SchemaError

STATEMENTS = (
    ast.AnnAssign,
    ast.Assign,
    ast.AsyncFunctionDef,
    ast.AugAssign,
    ast.ClassDef,
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
    "Struct", "_form", "_given", "cast", "encode", "enumerate", "field", "isinstance", "map", "str",
    "to_builtins",
}  # fmt: skip
CALLS = {"delete", "events", "get", "json_lines", "pages", "patch", "post", "put", "request"}
"""Methods of an upstream."""
METHODS = {"decode", "isoformat", "items", "join"}
"""Methods of values."""


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
        is_bad = is_bad or (isinstance(node, ast.Call) and not is_known(node.func))
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant | ast.Await):
            is_bad = True
        if is_bad:
            raise SchemaError("the schema has texts that would become code; nothing was written")


def is_known(called: ast.expr) -> bool:
    """Return whether a written module calls this."""
    if isinstance(called, ast.Name):
        return called.id in FUNCTIONS
    if not isinstance(called, ast.Attribute):
        return False
    is_own = isinstance(called.value, ast.Name) and called.value.id == "self"
    return called.attr in (CALLS if is_own else METHODS)
