"""Lays out code within the width of a line, in the form of ruff's formatter."""

from dataclasses import dataclass

from upstreams.management.openapi.text import WIDTH


@dataclass(frozen=True)
class Group:
    """Code in brackets: in one line if it fits, otherwise an item a line.

    Attributes:
        before: with the opening bracket.
        items: without commas.
        after: with the closing bracket.
    """

    before: str
    items: "tuple[str | Group, ...]"
    after: str

    @property
    def in_one_line(self) -> str:
        inner = ", ".join(one if isinstance(one, str) else one.in_one_line for one in self.items)
        return f"{self.before}{inner}{self.after}"


def lines(code: "str | Group", indent: str, end: str = "") -> list[str]:
    """Return the lines of code; `end` follows the last one."""
    if isinstance(code, str):
        return [f"{indent}{code}{end}"]
    if not code.items or len(indent) + len(code.in_one_line) + len(end) <= WIDTH:
        return [f"{indent}{code.in_one_line}{end}"]
    inner = [line for item in code.items for line in lines(item, f"{indent}    ", ",")]
    return [f"{indent}{code.before}", *inner, f"{indent}{code.after}{end}"]


def call(before: str, *arguments: "str | Group") -> Group:
    return Group(before, tuple(arguments), ")")


def union(before: str, members: list[str], indent: str = "") -> list[str]:
    """Return the lines of `before A | B`."""
    one = f"{indent}{before} {' | '.join(members)}"
    if len(one) <= WIDTH:
        return [one]
    joined = f"{indent}    {' | '.join(members)}"
    if len(joined) <= WIDTH:
        return [f"{indent}{before} (", joined, f"{indent})"]
    inner = [f"{indent}    {'| ' if number else ''}{member}" for number, member in enumerate(members)]
    return [f"{indent}{before} (", *inner, f"{indent})"]
