"""Pages for developers: each needs no static file, no script, and no entry of INSTALLED_APPS or TEMPLATES."""

import base64
import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path

from django.http import HttpResponse
from django.template import Context, Engine

CONTRIB = Path(__file__).parent


def render(template: str, values: Mapping[str, object]) -> str:
    """Return a template with its values.

    Args:
        template: its path below the folder of this module.
        values: of its variables.
    """
    return _engine().get_template(template).render(Context(values))


def respond(template: str, values: Mapping[str, object], *styles: str) -> HttpResponse:
    """Return a page that may load and run nothing but its own styles, whatever `SECURE_CSP` says.

    Args:
        template: its path below the folder of this module.
        values: of its variables; `style` is added.
        styles: the paths of its styles.
    """
    style = "".join((CONTRIB / path).read_text("utf-8") for path in styles)
    response = HttpResponse(render(template, {**values, "style": style}))
    # Django's middleware leaves a policy alone that is there.
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response


@functools.cache
def _engine() -> Engine:
    return Engine(dirs=[str(CONTRIB)], libraries={"i18n": "django.templatetags.i18n"})


def _hash(style: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"
