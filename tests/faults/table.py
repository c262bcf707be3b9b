"""Writes docs/faults.md from what the last runs against both targets left in .faults/."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HEAD = """# Faults
Written by `make faults`: each row is a fault on real sockets, played to a generated project on uvicorn and to the control, which is stock Django with one shared httpx2 client, opened in a lifespan, with its errors mapped. A row with several cases passes if all of them do; the seconds are those of its slowest.

| | fault | the project | the control | why |
|---|---|---|---|---|
"""
OTHERS = """
## Other servers
Where the server has a say, the same rows on the others. They learn that they are to leave from a file that the platform's `preStop` hook touches, and are sent SIGTERM afterwards.

| | fault | server | the project | the control | why |
|---|---|---|---|---|---|
"""
UVICORN = "uvicorn"

Key = tuple[str, str, str, str]


def main() -> None:
    rows: dict[Key, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for target in ("ours", "plain"):
        for file in sorted((ROOT / ".faults" / target).glob("*.json")):
            result = json.loads(file.read_text())
            key = result["id"], result["title"], result["server"], result["declared"]
            rows[key][target].append(result)
    on_uvicorn = [line(key, found) for key, found in sorted(rows.items()) if key[2] == UVICORN]
    on_others = [line(key, found) for key, found in sorted(rows.items()) if key[2] != UVICORN]
    (ROOT / "docs" / "faults.md").write_text(HEAD + "".join(on_uvicorn) + OTHERS + "".join(on_others))


def line(key: Key, found: dict[str, list[dict[str, Any]]]) -> str:
    row, title, server, declared = key
    says = {result["says"] for result in found["ours"]} - {"passes"}
    why = "; ".join(dict.fromkeys(reason(each) for each in (declared, *says)))
    where = [] if server == UVICORN else [server]
    return "| " + " | ".join([row, title, *where, said(found["ours"]), said(found["plain"]), why]) + " |\n"


def reason(declared: str) -> str:
    return declared.partition(": ")[2]


def said(results: Sequence[dict[str, Any]]) -> str:
    if not results:
        return "not run"
    outcomes = {result["outcome"] for result in results}
    if outcomes == {"skipped"}:
        return "not here"
    outcome = "**fails**" if "failed" in outcomes else "passes"
    return f"{outcome}, {max(result['seconds'] for result in results)} s"


main()
