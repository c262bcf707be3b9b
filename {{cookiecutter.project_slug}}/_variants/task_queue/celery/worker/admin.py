from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from worker.broker import EnqueueFailed
from worker.models import Failed


@admin.register(Failed)
class FailedAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """What has failed, and the way back into its queue."""

    list_display = ("path", "id", "error", "at")
    list_filter = ("path",)
    search_fields = ("id", "error")
    readonly_fields = ("id", "path", "message", "error", "traceback", "at")
    actions = ("send_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tasks come here by failing."""
        return False

    @admin.action(description="Send the selected tasks again", permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: "QuerySet[Failed]") -> None:
        """A task leaves the list when the broker has it."""
        try:
            for failed in queryset:
                failed.send_again()
        except EnqueueFailed as error:
            self.message_user(request, str(error), messages.ERROR)
