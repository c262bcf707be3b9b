from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """The service's own from the first migration on: Django cannot change the user model of a filled database."""
