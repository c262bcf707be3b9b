from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "upstreams.contrib.tokens"
    label = "upstreams_tokens"
    verbose_name = "API tokens"
    default_auto_field = "django.db.models.BigAutoField"
