"""HEAD for every operation that has GET (RFC 9110 §9.3.2); django-ninja responds with a 405."""

from collections.abc import Iterable
from typing import Any

from ninja.router import BoundRouter


def add_head(routers: Iterable[BoundRouter]) -> None:
    """Let operations respond to HEAD as to GET, where no other one does; the server leaves out the body."""
    # Undocumented: BoundRouter.path_operations and Operation.methods (ninja 1.7).
    # tests/package/contrib/ninja/test_methods.py sends HEAD.
    for router in routers:
        for view in router.path_operations.values():
            if not any("HEAD" in operation.methods for operation in view.operations):
                for operation in view.operations:
                    if "GET" in operation.methods:
                        operation.methods = [*operation.methods, "HEAD"]


def leave_out_head(paths: dict[str, dict[str, Any]]) -> None:
    """Remove from a schema's paths what `add_head` has added: any server has it."""
    for operations in paths.values():
        if "get" in operations and operations.get("head") is operations["get"]:
            del operations["head"]
