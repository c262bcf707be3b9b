"""Where the source of the package is: its path holds a placeholder of the template."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "{{cookiecutter.project_slug}}" / "vendor" / "django-upstreams"
