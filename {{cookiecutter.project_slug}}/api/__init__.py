"""The API that this service offers."""

APPS = ["api"]
"""For INSTALLED_APPS."""
