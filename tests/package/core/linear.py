"""Whether work grows no faster than its input: counted in CPU time of this thread, which other processes do not add to."""

import itertools
import re
import time
from re import _constants as kinds
from re import _parser as parser

SIZE = 1000
FACTOR = 4
BOUND = 2.5 * FACTOR
"""Linear work takes FACTOR times as long for a text FACTOR times as long, quadratic work FACTOR times that."""
NOISE = 0.002
"""Seconds below which two measurements are not compared."""
TRIES = 5
MAX_WORDS = 8
"""Words of a pattern that are put together in pairs."""


def is_linear(work, text):
    """Return whether `work(text(size))` takes time in proportion to the size; one good measurement is enough."""
    return any(_grows_by(work, text) <= BOUND for _ in range(TRIES))


def _grows_by(work, text):
    large = _seconds(work, text(SIZE * FACTOR))
    return 0 if large < NOISE else large / _seconds(work, text(SIZE))


def _seconds(work, value):
    began = time.thread_time()
    work(value)
    return time.thread_time() - began


def attacks(pattern):
    """Return functions of a size that make texts of what the pattern looks for, repeated, behind its own beginning."""
    words = sorted(_words(parser.parse(pattern.pattern, pattern.flags)))
    if isinstance(pattern.pattern, bytes):
        words = [word.encode("latin-1") for word in words]
    empty, other = pattern.pattern[:0], "\x00" if isinstance(pattern.pattern, str) else b"\x00"
    units = [*words, *(a + b for a, b in itertools.permutations(words[:MAX_WORDS], 2))]
    for unit, end in itertools.product(units, (empty, other)):
        yield lambda size, unit=unit, end=end: unit * (size // len(unit)) + end


def _words(tree):
    """Return each run of literal characters of a pattern, and two characters of each of its classes."""
    found, run = set(), ""
    for kind, argument in tree:
        if kind is kinds.LITERAL:
            run += chr(argument)
            continue
        found.add(run)
        run = ""
        if kind is kinds.IN:
            found |= set(
                itertools.islice(filter(re.compile(_class(argument)).match, map(chr, range(33, 127))), 2)
            )
            found |= {" "} if re.match(_class(argument), " ") else set()
        elif kind is kinds.ANY or kind is kinds.NOT_LITERAL:
            found.add("a")
        else:
            for part in _trees(argument):
                found |= _words(part)
    return {word for word in found | {run} if word}


def _class(members):
    text = "".join(
        {
            kinds.LITERAL: lambda code: re.escape(chr(code)),
            kinds.RANGE: lambda ends: f"{re.escape(chr(ends[0]))}-{re.escape(chr(ends[1]))}",
            kinds.CATEGORY: lambda name: CATEGORIES[str(name)],
            kinds.NEGATE: lambda _: "^",
        }[kind](argument)
        for kind, argument in members
    )
    return f"[{text}]"


CATEGORIES = {
    f"CATEGORY_{negation}{name}": f"\\{letter}"
    for name, low in (("DIGIT", "d"), ("SPACE", "s"), ("WORD", "w"))
    for negation, letter in (("", low), ("NOT_", low.upper()))
}


def _trees(argument):
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, (list, tuple)):
        for part in argument:
            yield from _trees(part)
