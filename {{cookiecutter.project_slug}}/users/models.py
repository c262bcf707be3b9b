from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Ours from the first migration on: Django cannot change the user model of a filled database."""
