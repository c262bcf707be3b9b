"""Django's ASGI handler and middleware without thread switches.

Served only where `UPSTREAMS_FAST_PATH` is True; otherwise Django's own `ASGIHandler` serves. The modules in here use
private names of Django and asgiref. Each use has a comment that names the test which fails when the name changes.
"""

import django
from django.core.exceptions import ImproperlyConfigured

MINIMUM_DJANGO_VERSION = (6, 1)


def check_django_version() -> None:
    """Check that the installed Django has the private names that the fast path uses.

    Raises:
        ImproperlyConfigured: Django is older than 6.1.
    """
    if django.VERSION < MINIMUM_DJANGO_VERSION:
        required = ".".join(map(str, MINIMUM_DJANGO_VERSION))
        raise ImproperlyConfigured(
            f"UPSTREAMS_FAST_PATH: needs Django {required} or newer, not {django.get_version()}; "
            "upgrade Django or set it to False"
        )
