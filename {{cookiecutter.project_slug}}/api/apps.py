from django.apps import AppConfig


class ApiConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"  # that of its migrations, whatever the settings say
    name = "api"
