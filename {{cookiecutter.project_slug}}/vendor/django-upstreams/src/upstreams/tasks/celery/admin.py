from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from upstreams.tasks.celery.broker import EnqueueFailed
from upstreams.tasks.celery.models import Failed, Outgoing


@admin.register(Failed)
class FailedAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Lists failed tasks, and sends them again."""

    list_display = ("path", "id", "error", "at")
    list_filter = ("path",)
    search_fields = ("id", "error")
    readonly_fields = ("id", "path", "message", "error", "traceback", "at")
    actions = ("send_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only workers add failed tasks."""
        return False

    @admin.action(description="Send the selected tasks again", permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: "QuerySet[Failed]") -> None:
        """Send tasks until the broker refuses one; those that were sent leave the list."""
        try:
            for failed in queryset:
                failed.send_again()
        except EnqueueFailed as error:
            self.message_user(request, str(error), messages.ERROR)


@admin.register(Outgoing)
class OutgoingAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Lists the tasks in the outbox. One that the broker refuses stays there until a person deletes it."""

    list_display = ("__str__", "failures", "error", "send_at")
    readonly_fields = ("backend", "message", "failures", "error", "send_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only `enqueue` adds tasks."""
        return False
