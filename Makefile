.DEFAULT_GOAL := help
.PHONY: help demo test faults bench lint format

# Projects generated below find the uv that was installed here.
export PATH := $(CURDIR)/.uv/bin:$(PATH)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# exec, because make passes SIGTERM to its direct child only.
demo: ## generate a project, run it beside its example upstream, print the address (PORT=8000)
	@scripts/uv sync --quiet && exec .venv/bin/python scripts/demo.py

test: ## test the template and the projects it generates
	@scripts/uv run --quiet pytest

faults: ## break the upstreams of a generated project, and of a plain one, in every way of docs/faults.md (5 min)
	@rm -rf .faults
	@scripts/uv run --quiet pytest tests/faults -n 0 --target ours
	@scripts/uv run --quiet pytest tests/faults -n 0 --target plain
	@scripts/uv run --quiet python tests/faults/table.py

bench: ## measure what upstreams cost a generated project, in CPU and memory
	@scripts/uv sync --quiet && PYTHONPATH=scripts .venv/bin/python benchmarks/upstreams.py

lint: ## check style and types of the template's own code
	@scripts/uv run --quiet ruff check
	@scripts/uv run --quiet ruff format --check
	@scripts/uv run --quiet mypy
	@scripts/uv run --quiet mypy tests/faults

format: ## put the template's own code into its usual form
	@scripts/uv run --quiet ruff check --fix
	@scripts/uv run --quiet ruff format
