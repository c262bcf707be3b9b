.DEFAULT_GOAL := help
.PHONY: help demo test lint format

# Projects generated below find the uv that was installed here.
export PATH := $(CURDIR)/.uv/bin:$(PATH)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# exec, because make passes SIGTERM to its direct child only.
demo: ## generate a project, run it beside its example upstream, print the address (PORT=8000)
	@scripts/uv sync --quiet && exec .venv/bin/python scripts/demo.py

test: ## test the template and the projects it generates
	@scripts/uv run --quiet pytest

lint: ## check style and types of the template's own code
	@scripts/uv run --quiet ruff check
	@scripts/uv run --quiet ruff format --check
	@scripts/uv run --quiet mypy

format: ## put the template's own code into its usual form
	@scripts/uv run --quiet ruff check --fix
	@scripts/uv run --quiet ruff format
