.DEFAULT_GOAL := help
.PHONY: help demo test test-all faults bench bench-quick bench-tasks lint format

# Projects generated below find the uv that was installed here.
export PATH := $(CURDIR)/.uv/bin:$(PATH)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# exec, because make passes SIGTERM to its direct child only.
demo: ## generate a project, run it beside its example upstream, print the address (PORT=8000)
	@scripts/uv sync --quiet && exec .venv/bin/python scripts/demo.py

test: ## test the template and the projects it generates
	@scripts/uv run --quiet pytest

test-all: ## the same, and what takes long: the suite for each pair of answers, instructions a request by valgrind
	@scripts/uv run --quiet pytest -m ''

faults: ## break a generated project, and a plain one, in every way of docs/faults.md (40 min)
	@rm -rf .faults
	@scripts/uv run --quiet pytest tests/faults -n 0 --target ours
	@scripts/uv run --quiet pytest tests/faults -n 0 --target stock
	@scripts/uv run --quiet pytest tests/faults -n 0 --target plain
	@scripts/uv run --quiet python tests/faults/table.py

# exec, for the reason given above.
bench: ## measure a generated project beside its peers, and what upstreams cost it; write benchmarks/README.md (11 min)
	@scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/run.py

bench-quick: ## print the most important part of it (2 min)
	@scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/run.py --quick

bench-tasks: ## measure tasks a second on each queue that answers, write benchmarks/tasks.md (5 min)
	@scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/tasks.py

lint: ## check style and types of the template's own code
	@scripts/uv run --quiet ruff check
	@scripts/uv run --quiet ruff format --check
	@scripts/uv run --quiet mypy
	@scripts/uv run --quiet mypy tests/faults

format: ## put the template's own code into its usual form
	@scripts/uv run --quiet ruff check --fix
	@scripts/uv run --quiet ruff format
