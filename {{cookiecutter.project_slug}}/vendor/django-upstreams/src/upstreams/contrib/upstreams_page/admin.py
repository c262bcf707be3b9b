from functools import partial

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path

from upstreams.contrib.upstreams_page import buttons, views
from upstreams.contrib.upstreams_page.models import Upstream


@admin.register(Upstream)
class UpstreamAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic at runtime
    """Puts the page where the admin expects the list of a model."""

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs of the page, of its events and of its buttons."""
        site = self.admin_site
        page = partial(views.page, site=site)
        press = partial(buttons.press, site=site)
        return [
            path("", site.admin_view(page), name="upstreams_page_upstream_changelist"),
            path("events/", views.events_of(site), name="upstreams_page_upstream_events"),
            path("<str:alias>/<str:command>/", site.admin_view(press), name="upstreams_page_upstream_press"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: upstreams are added in the settings."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Upstream | None = None) -> bool:
        """Return False: upstreams are changed in the settings."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Upstream | None = None) -> bool:
        """Return False: upstreams are deleted in the settings."""
        return False
