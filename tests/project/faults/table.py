"""Writes docs/faults.md from the outcomes of the last runs, in .faults/."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
HEAD = """# Faults
`make faults` writes this page. Each row is a fault on real sockets. It runs against a generated project on uvicorn, and against the control: stock Django with one shared httpx2 client, opened in a lifespan, whose errors are mapped to statuses. A row with several cases passes if all of them do; the seconds are those of its slowest case.

{without}

| | fault | the project | the control | why |
|---|---|---|---|---|
"""
OTHERS = """
## Other servers
Rows that depend on the server, on the others. There the platform's `preStop` hook touches a file, which begins the shutdown, and SIGTERM follows.

| | fault | server | the project | the control | why |
|---|---|---|---|---|---|
"""
UVICORN = "uvicorn"

Key = tuple[str, str, str, str]
Result = dict[str, Any]


def main() -> None:
    rows: dict[Key, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for target in ("ours", "plain"):
        for result in results(target).values():
            key = result["id"], result["title"], result["server"], result["declared"]
            rows[key][target].append(result)
    on_uvicorn = [line(key, found) for key, found in sorted(rows.items()) if key[2] == UVICORN]
    on_others = [line(key, found) for key, found in sorted(rows.items()) if key[2] != UVICORN]
    (ROOT / "docs" / "faults.md").write_text(
        HEAD.replace("{without}", without_fast_path()) + "".join(on_uvicorn) + OTHERS + "".join(on_others)
    )


def results(target: str) -> dict[str, Result]:
    """Return case -> outcome."""
    files = sorted((ROOT / ".faults" / target).glob("*.json"))
    return {file.stem: json.loads(file.read_text()) for file in files}


def without_fast_path() -> str:
    """A sentence on the project with Django's own handler."""
    ours, stock = results("ours"), results("stock")
    others = {case for case in stock if stock[case]["outcome"] != ours[case]["outcome"]}
    titles = sorted({f"{stock[case]['id']}, {stock[case]['title']}" for case in others})
    which = f"all but {len(others)} ({'; '.join(titles)})" if others else "all"
    return f"With `UPSTREAMS_FAST_PATH = False`, which is Django's own ASGI handler, {which} of the {len(stock)} cases have the same outcome."


def line(key: Key, found: dict[str, list[Result]]) -> str:
    row, title, server, declared = key
    says = {result["says"] for result in found["ours"]} - {"passes"}
    why = "; ".join(dict.fromkeys(reason(each) for each in (declared, *says)))
    where = [] if server == UVICORN else [server]
    return "| " + " | ".join([row, title, *where, said(found["ours"]), said(found["plain"]), why]) + " |\n"


def reason(declared: str) -> str:
    return declared.partition(": ")[2]


def said(found: Sequence[Result]) -> str:
    if not found:
        return "not run"
    outcomes = {result["outcome"] for result in found}
    if outcomes == {"skipped"}:
        return "skipped"
    outcome = "**fails**" if "failed" in outcomes else "passes"
    return f"{outcome}, {max(result['seconds'] for result in found)} s"


main()
