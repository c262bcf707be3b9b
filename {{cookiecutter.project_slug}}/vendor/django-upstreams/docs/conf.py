"""Sphinx builds these pages; `make docs` of the template runs it."""

project = "django-upstreams"
copyright = "the contributors"  # noqa: A001 - Sphinx's own name for it
extensions = ["myst_parser"]
html_theme = "furo"
html_title = project
myst_heading_anchors = 3
html_show_sphinx = False
