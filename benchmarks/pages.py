"""Tables of the pages."""

from catalogue import OURS


def named(peer: str) -> str:
    return f"**{peer}**" if peer == OURS else peer


def table(heads: list[str], rows: list[list[str]], figures: bool = True) -> str:
    """Markdown; the first column is words, the others are figures, or words too."""
    lines = [heads, ["---", *["---:" if figures else "---"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
