"""Write the checksums of the package's files, by which `manage.py check --deploy` notices edits; --check compares."""

import sys
from pathlib import Path

from upstreams.vendored import RECORD, checksums

PACKAGE = Path(__file__).parent.parent / "{{cookiecutter.project_slug}}" / "vendor" / "django-upstreams"


def main() -> None:
    lines = [f"{digest}  {name}\n" for name, digest in checksums(PACKAGE).items()]
    if "--check" not in sys.argv:
        (PACKAGE / RECORD).write_text("".join(lines))
    elif lines != (PACKAGE / RECORD).read_text().splitlines(keepends=True):
        sys.exit(f"{RECORD} is out of date: run `make record`, then commit it with the change")


if __name__ == "__main__":
    main()
