"""What this service offers."""

APPS = ["ninja", "api"]
"""For INSTALLED_APPS. With ninja among them, the page of documentation takes its scripts from here, not from afar."""
