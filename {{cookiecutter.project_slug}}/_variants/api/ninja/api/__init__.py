"""The API that this service offers."""

APPS = ["ninja", "api"]
"""For INSTALLED_APPS. The app `ninja` serves the scripts of the documentation page, in place of a CDN."""
