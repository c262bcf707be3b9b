"""Numbers and times as the page shows them, in the language of the viewer."""

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

NOTHING = "\N{EN DASH}"


def number(value: float | None) -> str:
    """Return a number with as many digits as one can read at a glance."""
    if value is None:
        return NOTHING
    digits = 0 if value >= 100 or value == round(value) else 1 if value >= 10 else 2
    return localize(round(value, digits) if digits else round(value)) + ""  # a SafeString cannot be encoded


def seconds(value: float | None) -> str:
    """Return a duration."""
    if value is None:
        return NOTHING
    if value < 1:
        text = _("%(number)s ms") % {"number": number(value * 1000)}
    elif value < 120:
        text = _("%(number)s s") % {"number": number(value)}
    else:
        text = _("%(number)s min") % {"number": number(value / 60)}
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def share(part: float, whole: float) -> str:
    """Return a share in percent; nothing of nothing."""
    return f"{number(100 * part / whole)}\N{NO-BREAK SPACE}%" if whole else NOTHING


def clock(at: float) -> str:
    """Return the time of day, with the date if it is not today's."""
    when = datetime.fromtimestamp(at, UTC)
    if timezone.is_aware(timezone.now()):
        when = timezone.localtime(when)
        today = timezone.localdate()
    else:
        when, today = datetime.fromtimestamp(at), datetime.now().date()
    return f"{when:%H:%M:%S}" if when.date() == today else f"{when:%Y-%m-%d %H:%M:%S}"
