from django.apps import AppConfig


class UsersConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"  # that of its migrations, whatever the settings say
    name = "users"
