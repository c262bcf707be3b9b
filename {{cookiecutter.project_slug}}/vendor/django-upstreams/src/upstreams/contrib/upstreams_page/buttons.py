"""The buttons of the page: what they do in all workers, and that the admin's log has it."""

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from msgspec import Struct

from upstreams.contrib.upstreams_page import access, orders
from upstreams.contrib.upstreams_page.models import Upstream
from upstreams.contrib.upstreams_page.questions import Command, Order, Outcome
from upstreams.core.definition import configured

MAX_REPR = 200
"""Characters that `LogEntry.object_repr` holds."""


class Button(Struct):
    """A button.

    Args:
        command: what it does.
        label: of the button.
        done: what it did, for the log and the message.
        warning: what to know before; a button without one acts at once.
    """

    command: Command
    label: str | Promise
    done: str | Promise
    warning: str | Promise = ""


BUTTONS: dict[str, Button] = {
    "probe": Button("probe", gettext_lazy("Probe health now"), gettext_lazy("Probed the health")),
    "reset": Button("reset", gettext_lazy("Reset breaker"), gettext_lazy("Reset the circuit breaker")),
    "open": Button(
        "open",
        gettext_lazy("Open breaker"),
        gettext_lazy("Opened the circuit breaker"),
        gettext_lazy(
            "Every call of this upstream fails at once, in all worker processes that run now, until you reset the breaker."
        ),
    ),
    "drain": Button(
        "drain",
        gettext_lazy("Drain pool"),
        gettext_lazy("Drained the pool"),
        gettext_lazy(
            "Idle connections close now, those in use after their request. The next calls open new connections."
        ),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def press(request: HttpRequest, site: AdminSite, alias: str, command: str) -> HttpResponseBase:
    """Ask for a confirmation, or do what a button does in all workers."""
    if not (access.may_view(site, request) and request.user.has_perm(access.CONTROL)):
        raise PermissionDenied
    button = BUTTONS.get(command)
    if button is None or alias not in configured():
        raise Http404
    if request.method != "POST":
        context = {
            **site.each_context(request),
            "title": button.label,
            "opts": Upstream._meta,
            "alias": alias,
            "button": button,
        }
        request.current_app = site.name  # for the tag `url`
        return TemplateResponse(request, "upstreams_page/confirm.html", context)
    why = _("by %(user)s in the admin") % {"user": request.user.get_username()}
    outcomes = async_to_sync(orders.give)(Order(button.command, alias, why))
    text = _log(request, button, alias, outcomes)
    is_done = not any(outcome.problem for outcome in outcomes.values())
    messages.add_message(request, messages.SUCCESS if is_done else messages.WARNING, text)
    return HttpResponseRedirect(reverse("admin:upstreams_page_upstream_changelist", current_app=site.name))


def _log(request: HttpRequest, button: Button, alias: str, outcomes: dict[int, Outcome]) -> str:
    """Write what was done to the log of the admin, and return it."""
    done = sum(not outcome.problem for outcome in outcomes.values())
    text = ngettext(
        "%(what)s of %(alias)s in %(done)s of %(all)s worker.",
        "%(what)s of %(alias)s in %(done)s of %(all)s workers.",
        len(outcomes),
    ) % {"what": button.done, "alias": alias, "done": done, "all": len(outcomes)}
    problems = [f"{pid}: {_(outcome.problem)}" for pid, outcome in outcomes.items() if outcome.problem]
    text = " ".join([text, *problems])
    LogEntry.objects.create(  # type: ignore[misc] # the user is no AnonymousUser
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(Upstream),
        object_id=alias,
        object_repr=alias[:MAX_REPR],
        action_flag=CHANGE,
        change_message=text,
    )
    return text
