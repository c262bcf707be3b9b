"""Finds the reference cycles among objects, as the garbage collector has to."""

import gc
from types import TracebackType

DJANGOS = {"TemplateDoesNotExist", "_WorkItem"}
"""Types in the cycles that Django leaves when it looks for 404.html, and when it makes a response of an exception."""


def cycles_of_ours(garbage, *, stock):
    """Return the names of the objects of each cycle.

    Behind Django's own handler, which leaves some for each request, only of those that have an object of the package.
    """
    found = cycles(garbage)
    left = [one for one in found if any(map(is_ours, one))] if stock else filter(is_not_djangos, found)
    return [sorted({name(one) for one in cycle}) for cycle in left]


def is_ours(found):
    # A traceback links to the frames of all callers; one whose variables close the cycle is in it as a frame.
    return not isinstance(found, TracebackType) and any("upstreams" in part for part in origin(found))


def is_not_djangos(cycle):
    return DJANGOS.isdisjoint(type(one).__name__ for one in cycle)


def name(found):
    return ".".join(origin(found))


def origin(found):
    found = getattr(found, "tb_frame", found)
    if code := getattr(found, "f_code", None):
        return code.co_filename, code.co_qualname
    kind = found if hasattr(found, "__qualname__") else type(found)
    return str(getattr(kind, "__module__", "")), kind.__qualname__


def cycles(garbage):
    """Return the strongly connected components that have a cycle, by Kosaraju's algorithm."""
    known = {id(one): one for one in garbage}
    targets = {key: [id(to) for to in gc.get_referents(one) if id(to) in known] for key, one in known.items()}
    sources = {key: [] for key in known}
    for key, found in targets.items():
        for target in found:
            sources[target].append(key)
    order, seen = [], set()
    for key in known:
        order += walk(key, targets, seen)
    seen = set()
    components = [walk(key, sources, seen) for key in reversed(order)]
    return [
        [known[key] for key in component]
        for component in components
        if len(component) > 1 or (component and component[0] in targets[component[0]])
    ]


def walk(start, edges, seen):
    """Return what is reached from a start and was not seen, each after what it leads to."""
    order, stack = [], [(start, False)]
    while stack:
        at, is_done = stack.pop()
        if is_done:
            order.append(at)
        elif at not in seen:
            seen.add(at)
            stack += [(at, True), *((to, False) for to in edges[at])]
    return order
