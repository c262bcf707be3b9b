"""Types of Python for values in JSON, and which of them msgspec can tell apart."""

from typing import NamedTuple

TEXT, OBJECTS = "text", {"object", "struct"}


class Member(NamedTuple):
    """One type of a union.

    Attributes:
        code: the annotation.
        kind: what it is in JSON: any, none, bool, int, float, text, list, object; or struct, a class.
    """

    code: str
    kind: str


class Type(NamedTuple):
    """The type of a value.

    Attributes:
        members: of the union, mostly one.
        note: what the annotation cannot say.
        alias: the name of the union, if it has one, and `| None` behind it where that is not part of it.
    """

    members: tuple[Member, ...]
    note: str = ""
    alias: str = ""

    @property
    def code(self) -> str:
        """The annotation."""
        if self.alias:
            return self.alias
        ordered = sorted(self.members, key=lambda member: member.kind == "none")
        return " | ".join(member.code for member in ordered)

    @property
    def is_union(self) -> bool:
        return len(self.members) > 1

    @property
    def is_nullable(self) -> bool:
        return any(member.kind in ("none", "any") for member in self.members)

    def or_none(self) -> "Type":
        """Return the type, or None."""
        if self.is_nullable:
            return self
        return Type((*self.members, NONE), self.note, f"{self.alias} | None" if self.alias else "")

    @property
    def or_none_code(self) -> str:
        """The annotation, or None."""
        return self.code if self.is_nullable else f"{self.code} | None"


NONE = Member("None", "none")
ANY = Type((Member("Any", "any"),))
OBJECT = Member("dict[str, Any]", "object")
STR = Type((Member("str", TEXT),))


def plain(code: str, kind: str, note: str = "") -> Type:
    return Type((Member(code, kind),), note)


def list_of(item: Type) -> Type:
    return plain(f"list[{item.code}]", "list", item.note)


def dict_of(item: Type) -> Type:
    return plain(f"dict[str, {item.code}]", "object", item.note)


def without_rivals(members: list[Member]) -> tuple[list[Member], list[str]]:
    """Return types of which msgspec builds a decoder, and the classes that became one plain type.

    Objects other than structs with tags, lists, and kinds of text cannot be told apart from each other.
    """
    found = list(dict.fromkeys(members))
    if any(member.kind == "any" for member in found):
        return [ANY.members[0]], []
    if len([member for member in found if member.kind == TEXT]) > 1:
        found = replaced(found, {TEXT}, STR.members[0])
    if len([member for member in found if member.kind == "list"]) > 1:
        found = replaced(found, {"list"}, Member("list[Any]", "list"))
    objects = [member for member in found if member.kind in OBJECTS]
    if len(objects) > 1 and any(member.kind == "object" for member in objects):
        found = replaced(found, OBJECTS, OBJECT)
        return found, [member.code for member in objects if member.kind == "struct"]
    return found, []


def replaced(members: list[Member], kinds: set[str], by: Member) -> list[Member]:
    """Return types with one in place of all of some kinds."""
    return list(dict.fromkeys(by if member.kind in kinds else member for member in members))
