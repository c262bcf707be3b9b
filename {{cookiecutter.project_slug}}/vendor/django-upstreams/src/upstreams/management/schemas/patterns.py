"""Texts that match a regular expression, for the expressions that schemas mostly have. Whoever asks checks them."""

CLASSES = {
    "d": "0",
    "w": "a",
    "s": " ",
    "D": "a",
    "W": "-",
    "S": "a",
    "h": " ",
    "t": "\t",
    "n": "\n",
    "r": "\r",
}
PROPERTIES = {"L": "a", "Ll": "a", "Lu": "A", "N": "0", "Nd": "0", "P": "-", "S": "+", "Z": " "}
ANY = "a0A-_ .:/@#+=,~!é"
"""Letters that are tried where a class excludes some."""
MAX_REPEAT = 1_000
MAX_LENGTH = 2_000
MAX_DEPTH = 50


def matching(pattern: str, shortest: int, longest: int) -> str:
    """Return a text that probably matches.

    Args:
        pattern: as in ECMA-262.
        shortest: letters.
        longest: letters; not more are returned.
    """
    text = ""
    for more in (0, 1, 2, 5, shortest, 2 * shortest):
        text = _Reader(pattern, min(more, MAX_REPEAT)).alternatives()
        if shortest <= len(text):
            break
    return text[:longest]


class _Reader:
    """Reads an expression from left to right, and makes the text as it goes.

    Args:
        pattern: the expression.
        more: how often to repeat, beyond the least, what may be repeated.
    """

    def __init__(self, pattern: str, more: int) -> None:
        self._pattern = pattern
        self._more = more
        self._at = 0
        self._depth = 0

    def alternatives(self) -> str:
        """Return the text of the first alternative, up to the end of the group."""
        first = self._sequence()
        while self._take("|"):
            other = self._sequence()
            first = first or other
        return first

    def _sequence(self) -> str:
        found = ""
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            one = self._atom()
            least, most = self._repeat()
            times = max(least, min(least + self._more, most))
            found = (found + one * min(times, MAX_LENGTH))[:MAX_LENGTH]
        return found

    def _atom(self) -> str:
        letter = self._next()
        if letter == "(":
            return self._group()
        if letter == "[":
            return self._class()
        if letter == "\\":
            return self._escape()
        if letter == ".":
            return "a"
        return "" if letter in "^$" else letter

    def _group(self) -> str:
        self._depth += 1
        is_seen = True
        if self._take("?"):
            if self._take("=") or self._take("!") or self._take("<=") or self._take("<!"):
                is_seen = False
            elif self._take("P<") or self._take("<"):
                while self._next() not in (">", ""):
                    pass
            else:
                self._take(":")
        text = self.alternatives() if self._depth < MAX_DEPTH else ""
        self._take(")")
        self._depth -= 1
        return text if is_seen else ""

    def _class(self) -> str:
        excludes = self._take("^")
        members: list[tuple[str, str]] = []
        while self._at < len(self._pattern) and (self._pattern[self._at] != "]"):
            low = self._member()
            high = low
            if (
                self._pattern[self._at : self._at + 1] == "-"
                and self._pattern[self._at + 1 : self._at + 2] != "]"
            ):
                self._at += 1
                high = self._member()
            members.append((low, high))
        self._take("]")
        if not excludes:
            return members[0][0] if members else ""
        return next((one for one in ANY if not any(low <= one <= high for low, high in members)), "")

    def _member(self) -> str:
        letter = self._next()
        return self._escape() if letter == "\\" else letter

    def _escape(self) -> str:
        letter = self._next()
        if letter in "xu":
            size = 2 if letter == "x" else 4
            code = self._pattern[self._at : self._at + size]
            self._at += size
            return chr(int(code, 16)) if all(one in "0123456789abcdefABCDEF" for one in code) and code else ""
        if letter in "pP" and self._take("{"):
            name = ""
            while (one := self._next()) not in ("}", ""):
                name += one
            return PROPERTIES.get(name, "a")
        return CLASSES.get(letter, "" if letter in "bBAzZ" else letter)

    def _repeat(self) -> tuple[int, int]:
        """Return how often the last part is there, at least and at most."""
        found = {"*": (0, MAX_REPEAT), "+": (1, MAX_REPEAT), "?": (0, 1)}.get(
            self._pattern[self._at : self._at + 1]
        )
        if found is not None:
            self._at += 1
        elif self._pattern[self._at : self._at + 1] == "{":
            inner, closed, _ = self._pattern[self._at + 1 :].partition("}")
            least, comma, most = inner.partition(",")
            if not closed or not least.isdecimal():
                return 1, 1
            self._at += len(inner) + 2
            low = min(int(least[:6]), MAX_REPEAT)
            found = (
                low,
                min(int(most[:6]), MAX_REPEAT) if most.isdecimal() else MAX_REPEAT if comma else low,
            )
        if found is None:
            return 1, 1
        self._take("?")
        self._take("+")
        return found

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1 : self._at]

    def _take(self, text: str) -> bool:
        if not self._pattern.startswith(text, self._at):
            return False
        self._at += len(text)
        return True
