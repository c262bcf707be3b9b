"""Who may look at the page, and for how long."""

import copy

from django.contrib import auth
from django.contrib.admin import AdminSite
from django.db import close_old_connections
from django.http import HttpRequest

VIEW = "upstreams_page.view_upstream"
CONTROL = "upstreams_page.control_upstream"


def may_view(site: AdminSite, request: HttpRequest) -> bool:
    """Return whether the user of a request may see the page. It asks the database."""
    return site.has_permission(request) and request.user.has_perm(VIEW)


def may_still_view(site: AdminSite, request: HttpRequest) -> bool:
    """Return whether that is so now: the session may have ended, or the user lost a permission."""
    now = copy.copy(request)
    now.session = type(request.session)(request.session.session_key)
    now.user = auth.get_user(now)
    try:
        return may_view(site, now)
    finally:
        close_old_connections()  # no request ends here that would do so
