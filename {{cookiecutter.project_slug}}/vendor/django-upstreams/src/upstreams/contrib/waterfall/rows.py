"""What the template of a waterfall needs, made of a `summary`; the toolbar keeps only that."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from upstreams.contrib import debug_pages
from upstreams.contrib.waterfall.bars import FILLS, Bar, bars
from upstreams.contrib.waterfall.sentences import calls, details, milliseconds, result


class Row(NamedTuple):
    """One call.

    Attributes:
        call: as `summary` has it.
        begin: after the begin of the request, in words.
        duration: in words.
        result: its status or its error.
        details: sentences.
        bars: from the lowest to the highest.
    """

    call: dict[str, Any]
    begin: str
    duration: str
    result: str
    details: list[str]
    bars: list[Bar]


class Waterfall(NamedTuple):
    """Calls on one axis.

    Attributes:
        title: of the table.
        rows: its calls.
    """

    title: str
    rows: list[Row]


def waterfalls(found: dict[str, Any]) -> list[Waterfall]:
    """Return the calls until the response, and those after it, which may last longer by far.

    Args:
        found: a request, as `summary` has it.
    """
    before = [call for call in found["calls"] if not call["in_background"]]
    after = [call for call in found["calls"] if call["in_background"]]
    tables = []
    if before:
        end = max(_end(before), found["duration_ms"])
        title = _("Upstream calls, on an axis from 0 to %(time)s") % {"time": milliseconds(end)}
        tables.append(Waterfall(title, [_row(call, 0.0, end) for call in before]))
    if after:
        begin = min(call["begin_ms"] for call in after)
        length = _end(after) - begin
        between = {"begin": milliseconds(begin), "end": milliseconds(begin + length)}
        title = _("In the background, on an axis from %(begin)s to %(end)s") % between
        tables.append(Waterfall(title, [_row(call, begin, length) for call in after]))
    return tables


def rendered(found: dict[str, Any]) -> str:
    """Return the waterfall of a request as HTML: tables with a bar in each row, without styles and scripts.

    Args:
        found: a request, as `summary` has it.
    """
    values = {"waterfalls": waterfalls(found), "omitted": found["omitted_calls"], "legend": _legend()}
    return debug_pages.render("waterfall/waterfall.html", values)


def totals(found: dict[str, Any]) -> str:
    """Return how many calls a request has made and how long they took, with what is odd about them."""
    number = len(found["calls"]) + found["omitted_calls"]
    parts = [calls(number)]
    if number:
        seconds = sum(call["duration_ms"] for call in found["calls"] if not call["in_background"])
        parts[0] = _("%(calls)s in %(time)s") % {"calls": parts[0], "time": milliseconds(seconds)}
    if count := found["failures"]:
        parts.append(ngettext("%(count)d failed", "%(count)d failed", count) % {"count": count})
    if count := found["duplicates"]:
        parts.append(ngettext("%(count)d duplicate", "%(count)d duplicates", count) % {"count": count})
    return ", ".join(parts)


def _row(call: dict[str, Any], begin: float, duration: float) -> Row:
    return Row(
        call,
        milliseconds(call["begin_ms"]),
        milliseconds(call["duration_ms"]),
        result(call),
        details(call),
        bars(call, begin, duration),
    )


def _legend() -> list[dict[str, str]]:
    texts = {
        "attempt": _("attempt"),
        "failed": _("failed attempt"),
        "connecting": _("opening a connection"),
        "waiting": _("waiting"),
        "cache": _("without a request of its own"),
    }
    return [{"fill": FILLS[kind], "text": text} for kind, text in texts.items()]


def _end(calls: list[dict[str, Any]]) -> float:
    end: float = max(call["begin_ms"] + call["duration_ms"] for call in calls)
    return end
