from django.contrib import admin
from django.contrib.auth import get_user_model
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.response import TemplateResponse

from upstreams.contrib.tokens import tokens
from upstreams.contrib.tokens.models import Token


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # not generic at runtime
    """Creates tokens and shows their keys once. Deleting a token revokes it."""

    list_display = ("name", "user", "created", "expires")
    list_select_related = ("user",)
    search_fields = ("name", f"user__{get_user_model().USERNAME_FIELD}")
    raw_id_fields = ("user",)

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the field `user` if users can be searched, for which their admin must be registered."""
        site, users = self.admin_site, get_user_model()
        is_searchable = site.is_registered(users) and site.get_model_admin(users).get_search_fields(request)
        return ("user",) if is_searchable else ()

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        """Return False: a token can only be deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: Token, form: "ModelForm[Token]", change: bool) -> None:
        """Give the token its key."""
        tokens.set_key(obj)
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Token, post_url_continue: str | None = None
    ) -> TemplateResponse:
        """Show the key once, in this response: a message would stay in a cookie or a session until it is read.

        The response is not stored either: the admin sends `no-store` with all its pages.
        """
        context = {**self.admin_site.each_context(request), "title": "Key of the token", "token": obj}
        return TemplateResponse(request, "upstreams_tokens/key.html", context)
