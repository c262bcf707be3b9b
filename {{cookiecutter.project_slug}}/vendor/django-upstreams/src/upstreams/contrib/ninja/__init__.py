"""django-ninja with this package's errors and tokens."""
