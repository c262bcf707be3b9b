"""Sphinx builds these pages; `make docs` of the template runs it."""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

project = "django-upstreams"
copyright = "the contributors"  # noqa: A001 - Sphinx's own name for it
extensions = ["myst_parser"]
html_theme = "furo"
html_title = project
myst_heading_anchors = 3
html_show_sphinx = False

ROW = re.compile(r"^\| (.+?) \| (\[.+\]\(\w+\.md\)) \|$", re.MULTILINE)
SCROLLED = re.compile(r'<(pre(?=>)|div(?= class="table-wrapper))')
LINK = re.compile(r"\[(.+?)\]\((\w+\.md)\)")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", let_keys_scroll, priority=900)  # after the theme, which wraps tables
    app.connect("build-finished", write_llms)


def let_keys_scroll(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Let the keyboard reach wide code and tables (WCAG 2.1.1), which neither Sphinx nor the theme does."""
    context["body"] = SCROLLED.sub(r'<\1 tabindex="0"', context.get("body", ""))


def write_llms(app: Sphinx, error: Exception | None) -> None:
    """Write llms.txt (llmstxt.org): the index for language models, with links to the sources, which are Markdown."""
    if error is None and app.builder.format == "html":
        index = Path(app.srcdir, "index.md").read_text()
        Path(app.outdir, "llms.txt").write_text(llms(index))


def llms(index: str) -> str:
    title, summary = index.split("\n", 2)[:2]
    table = index.partition("| read |\n")[2]  # before it are pictures
    pages = [
        f"- [{name}](_sources/{page}.txt): {purpose}"
        for purpose, links in ROW.findall(table)
        for name, page in LINK.findall(links)
    ]
    return "\n".join(
        [
            title,
            "",
            f"> {summary}",
            "",
            "## Pages",
            *pages,
            "",
            "## Optional",
            "- [Changelog](changelog.html)",
            "",
        ]
    )
