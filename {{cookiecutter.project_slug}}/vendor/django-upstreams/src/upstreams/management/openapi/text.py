"""The schema's words as Python: docstrings and literals that can only be text."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable

WIDTH = 110
MAX_DESCRIPTION = 600
"""Characters of a description; what is longer ends with its last whole sentence."""
MAX_REMARK = 200
"""Characters of the description of an argument or a field."""
BLOCKS = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
TABLE_OR_RULE = re.compile(r"^[ \t]*(?:\||[-=*_]{3,}[ \t]*$|:?-{1,100}:?[ \t]*\|).*$", re.MULTILINE)
HEADING = re.compile(r"^\s{0,3}(?:#+|>)[ \t]*", re.MULTILINE)
LINK = re.compile(r"!?\[([^\[\]]{1,300})\]\([^()]{0,700}\)")
TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
EMPHASIS = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,300}?)(?<=\S)\1")
SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
MAX_READ = 20_000


def printable(text: object) -> str:
    """Return text without control, format and other characters that show nothing or reorder what is shown."""
    return "".join(char if char.isprintable() else " " for char in str(text)).strip()


def literal(text: str) -> str:
    """Return the Python literal of text, in double quotes unless single ones need fewer escapes, as ruff has it."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    inner = "".join(f"\\{char}" if char == quote else _escaped(char) for char in text)
    return f"{quote}{inner}{quote}"


def _escaped(char: str) -> str:
    return char if char in "'\"" else repr(char)[1:-1]


def paragraphs(text: object, limit: int = MAX_DESCRIPTION) -> list[str]:
    """Return a description, Markdown or HTML, as plain paragraphs.

    Args:
        text: as the schema has it; anything but text has no words.
        limit: characters.
    """
    if not isinstance(text, str):
        return []
    plain = unicodedata.normalize("NFC", text[:MAX_READ].replace("\r\n", "\n"))
    for pattern, put in ((BLOCKS, "\n\n"), (TABLE_OR_RULE, "\n"), (HEADING, ""), (LINK, r"\1"), (TAG, " ")):
        plain = pattern.sub(put, plain)
    plain = EMPHASIS.sub(r"\2", plain)
    found: list[str] = []
    left = limit
    for block in re.split(r"\n[ \t]*\n", plain):
        if not (words := " ".join(printable(block).split())):
            continue
        if len(words) > left:
            ends = [end.end() for end in SENTENCE_END.finditer(words[:left])]
            if ends or not found:
                found.append(words[: ends[-1]] if ends else f"{words[: left - 1].rstrip()}…")
            break
        found.append(words)
        left -= len(words)
    return found


def remark(text: object) -> str:
    """Return a description as one short paragraph; empty if there is none."""
    return next(iter(paragraphs(text, MAX_REMARK)), "")


def sentence(text: str) -> str:
    """Return text that ends with a mark."""
    return text if not text or text[-1] in ".!?:…" else f"{text}."


def escaped(text: str) -> str:
    """Return text that cannot end a docstring, nor escape anything in it."""
    return text.replace("\\", "\\\\").replace('"""', "'''")


def docstring(lines: Iterable[str], indent: str) -> list[str]:
    """Return the lines of a docstring.

    Args:
        lines: of text, the first of them a sentence; each is wrapped and keeps its own indent.
        indent: of the docstring.
    """
    wrapped: list[str] = []
    for line in lines:
        inner = line[: len(line) - len(line.lstrip())]
        hanging = f"{inner}    " if inner else ""
        wrapped += textwrap.wrap(
            escaped(line.strip()),
            WIDTH - len(indent) - 4 if not wrapped else WIDTH - len(indent),
            initial_indent=inner,
            subsequent_indent=hanging,
            break_on_hyphens=False,
            break_long_words=False,
        ) or [""]
    text = [f"{indent}{line}".rstrip() for line in wrapped]
    text[0] = f'{indent}"""{wrapped[0]}'
    last = text[-1]
    if len(text) == 1 and not last.endswith(('"', "\\")) and len(last) + 3 <= WIDTH:
        return [f'{last}"""']
    return [*text, f'{indent}"""']
