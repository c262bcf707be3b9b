"""Mutations of raw responses, and the pieces in which they arrive. All of them are drawn from one generator."""

import re

from fuzz.parts import EXCESS, FIELDS, INTERIM, TOKENS

NUMBER = re.compile(rb"[0-9a-fA-F]+")
LINE = re.compile(rb"[^\n]*\n")


def cut(draw, data):
    return data[: draw.randrange(len(data) + 1)]


def insert(draw, data):
    at = _place(draw, data)
    return data[:at] + draw.choice(TOKENS) + data[at:]


def remove(draw, data):
    at = _place(draw, data)
    return data[:at] + data[at + draw.choice([1, 1, 1, 2, 5]) :]


def change(draw, data):
    at = _place(draw, data)
    return data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]


def renumber(draw, data):
    """Another length, chunk size, status or version."""
    found = list(NUMBER.finditer(data))
    if not found:
        return data
    number = draw.choice(found)
    value = int(number[0], 16)
    other = draw.choice([value + 1, max(0, value - 1), value * 16, value // 16, 0, 2**64])
    return data[: number.start()] + draw.choice([b"%x", b"%X", b"%d", b"0%x"]) % other + data[number.end() :]


def repeat_line(draw, data):
    return _on_line(draw, data, lambda line: line * 2)


def remove_line(draw, data):
    return _on_line(draw, data, lambda line: b"")


def end_line_otherwise(draw, data):
    return _on_line(
        draw, data, lambda line: line.rstrip(b"\r\n") + draw.choice([b"\n", b"\r", b"", b"\r\r\n", b" \r\n"])
    )


def end_all_lines_otherwise(draw, data):
    return data.replace(b"\r\n", draw.choice([b"\n", b"\r"]))


def change_case(draw, data):
    return _on_line(draw, data, bytes.swapcase)


def add_field(draw, data):
    field = draw.choice(FIELDS) + b"\r\n"
    return _on_line(draw, data, lambda line: line + field, first=draw.random() < 0.7)


def precede(draw, data):
    return draw.choice(INTERIM) + data


def exceed(draw, data):
    return data + draw.choice(EXCESS)


MUTATIONS = [
    *[
        cut,
        insert,
        insert,
        insert,
        remove,
        remove,
        change,
        change,
        renumber,
        renumber,
        repeat_line,
        remove_line,
    ],
    *[
        end_line_otherwise,
        end_line_otherwise,
        end_all_lines_otherwise,
        change_case,
        add_field,
        add_field,
        precede,
    ],
    *[exceed],
]


def mutated(draw, bases):
    """A method, and a response to it with one to three mutations; rarely, half of another response follows."""
    method, data = draw.choice(bases)
    if draw.random() < 0.05:
        data = data[: _place(draw, data)] + draw.choice(bases)[1][-draw.randrange(1, 60) :]
    for _ in range(draw.choice([0, 1, 1, 1, 2, 2, 3])):
        data = draw.choice(MUTATIONS)(draw, data)
    return method, data


def split(draw, data):
    """The pieces of a response: all at once, byte by byte, or cut at a few places."""
    how = draw.random()
    if how < 0.3 or len(data) < 2:
        return [data]
    if how < 0.4 and len(data) < 200:
        return [data[at : at + 1] for at in range(len(data))]
    places = sorted(draw.randrange(1, len(data)) for _ in range(draw.choice([1, 1, 2, 4])))
    return [
        piece
        for start, end in zip([0, *places], [*places, len(data)], strict=True)
        if (piece := data[start:end])
    ]


def _place(draw, data):
    """Anywhere; more often where lines end and begin."""
    ends = [end.start() for end in re.finditer(rb"[\r\n:]", data)]
    if ends and draw.random() < 0.6:
        return max(0, draw.choice(ends) + draw.randrange(-1, 3))
    return draw.randrange(len(data) + 1)


def _on_line(draw, data, edit, *, first=False):
    lines = LINE.findall(data)
    if not lines:
        return data
    at = 0 if first else draw.randrange(len(lines))
    return b"".join([*lines[:at], edit(lines[at]), *lines[at + 1 :], data[sum(map(len, lines)) :]])
