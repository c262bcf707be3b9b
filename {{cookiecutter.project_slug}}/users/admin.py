from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.forms import ModelForm
from django.http import HttpRequest

from users import tokens
from users.models import Token, User

admin.site.register(User, UserAdmin)


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic when it runs
    """Deleting a token revokes it."""

    list_display = ("name", "user", "created", "expires")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    autocomplete_fields = ("user",)

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        """It is what it was made for, or it goes."""
        return False

    def save_model(self, request: HttpRequest, obj: Token, form: "ModelForm[Token]", change: bool) -> None:
        """Its key is shown once."""
        key = tokens.given_key(obj)
        super().save_model(request, obj, form, change)
        messages.warning(request, f"Copy the key now, it is not shown again: {key}")
