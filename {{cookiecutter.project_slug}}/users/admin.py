from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.response import TemplateResponse

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
        """It is given its key."""
        tokens.given_key(obj)
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Token, post_url_continue: str | None = None
    ) -> TemplateResponse:
        """Its key is shown once, in this answer: a message would be kept in a cookie or a session until it is read.

        Nothing keeps the answer, either: the admin says `no-store` with all its pages.
        """
        context = {**self.admin_site.each_context(request), "title": "Key of the token", "token": obj}
        return TemplateResponse(request, "users/key.html", context)
