"""The part of README.md that `make bench-memory` measures."""

from collections.abc import Mapping
from typing import Any

from footers import where
from pages import named, table

HEADS = ["", "MB at rest", "at most", "after", "after / at rest", "errors"]
WORDS = """## Memory under load
MB of a worker: after its first responses, at most under the load, and a second after {requests:,} requests, 32 at once. The upstream answers one request in ten with a 500; "errors" are those that clients saw. `make bench-memory` measures it.
"""


def page(results: Mapping[str, Any]) -> str:
    rows = []
    for peer, found in results["peers"].items():
        megabytes = [f"{found[name]:.0f}" for name in ("rest", "peak", "after")]
        rows.append(
            [named(peer), *megabytes, f"{found['after'] / found['rest']:.2f}", f"{found['errors']:.0%}"]
        )
    return "\n".join([WORDS.format(requests=results["requests"]), table(HEADS, rows), f"{where(results)}.\n"])
