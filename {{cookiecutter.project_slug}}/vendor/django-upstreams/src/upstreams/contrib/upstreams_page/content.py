"""What the page shows: cells and rows of text, each with an id, for its template and for its events."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field


class Cell(Struct):
    """A text of the page.

    Args:
        id: of its element.
        text: what it shows.
        state: `good`, `warn` or `bad`; the colour of a text that says the same.
    """

    id: str
    text: str
    state: str = ""


class Line(Struct):
    """A line of a chart.

    Args:
        id: of its element.
        d: of the path.
        name: of its class.
    """

    id: str
    d: str
    name: str


class Chart(Struct):
    """A chart with its title, which has the values."""

    title: Cell
    lines: list[Line]


class Table(Struct):
    """A table whose rows come and go.

    Args:
        id: of its body.
        head: of the columns.
        rows: of texts; the first one is the head of its row.
    """

    id: str
    head: Sequence[str]
    rows: list[list[str]]


class UpstreamPart(Struct):
    """What the page shows of one upstream.

    Args:
        alias: its key in the settings.
        id: of its section.
        address: without credentials.
        cells: of its row in the table of all upstreams.
        facts: a label and its cell.
        charts: of the last minutes.
        workers: the state in each of them.
        failed: the last failed calls.
    """

    alias: str
    id: str
    address: str
    cells: list[Cell]
    facts: list[tuple[str, Cell]]
    charts: list[Chart]
    workers: Table
    failed: Table


class Content(Struct):
    """What the page shows."""

    notes: list[Cell]
    parts: list[UpstreamPart] = field(default_factory=list)

    def by_id(self) -> dict[str, Any]:
        """Return what may change: id -> [text, state] of a cell, the path of a line, or the rows of a table."""
        found: dict[str, Any] = {cell.id: [cell.text, cell.state] for cell in self.notes}
        for part in self.parts:
            cells = [*part.cells, *(cell for _, cell in part.facts), *(chart.title for chart in part.charts)]
            found |= {cell.id: [cell.text, cell.state] for cell in cells}
            found |= {line.id: line.d for chart in part.charts for line in chart.lines}
            found |= {table.id: {"rows": table.rows} for table in (part.workers, part.failed)}
        return found
