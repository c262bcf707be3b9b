"""Writes docs/faults.md from what the last runs against both targets left in .faults/."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HEAD = """# Faults
Written by `make faults`: each row is a fault on real sockets, played to a generated project on uvicorn and to the control, which is stock Django with one shared httpx2 client, opened in a lifespan, with its errors mapped. A row with several cases passes if all of them do; the seconds are those of its slowest.

| | fault | the project | the control | why |
|---|---|---|---|---|
"""


def main() -> None:
    rows: dict[tuple[str, str, str], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for target in ("ours", "plain"):
        for file in sorted((ROOT / ".faults" / target).glob("*.json")):
            result = json.loads(file.read_text())
            rows[result["id"], result["title"], result["declared"]][target].append(result)
    lines = [
        f"| {row} | {title} | {said(found['ours'])} | {said(found['plain'])} | {declared.partition(': ')[2]} |"
        for (row, title, declared), found in sorted(rows.items())
    ]
    (ROOT / "docs" / "faults.md").write_text(HEAD + "\n".join(lines) + "\n")


def said(results: list[dict[str, Any]]) -> str:
    if not results:
        return "not run"
    outcome = "passes" if all(result["passed"] for result in results) else "**fails**"
    return f"{outcome}, {max(result['seconds'] for result in results)} s"


main()
