.DEFAULT_GOAL := help
.PHONY: help demo docs test test-all test-package faults bench bench-quick bench-memory bench-growth bench-tasks bench-streams profile board-picture lint format board examples record lock
# scripts/uv is run by sh: a template fetched as a zip may have lost the executable bits.
PACKAGE := {{cookiecutter.project_slug}}/vendor/django-upstreams

# Bytecode is written, for the many processes that tests start, but not into the package: projects are copies of it.
unexport PYTHONDONTWRITEBYTECODE
test test-all test-package: export PYTHONPYCACHEPREFIX := $(CURDIR)/.pycache

# Projects generated below find the uv that was installed here.
export PATH := $(CURDIR)/.uv/bin:$(PATH)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# make passes SIGTERM to its direct child only: the shell passes it on, then becomes the demo.
demo: ## generate a project, run it beside a mock of its example upstream, print the address (PORT=8000)
	@trap 'kill $$!; exit 1' TERM INT HUP; sh scripts/uv sync --quiet & wait $$! && trap - TERM INT HUP && \
		exec .venv/bin/python scripts/demo.py

docs: ## build the documentation of the package into .docs/, without the network
	@sh scripts/uv run --quiet sphinx-build --quiet --fail-on-warning --keep-going "$(PACKAGE)/docs" .docs
	@echo .docs/index.html

test: test-package ## test the package, the template and the projects it generates
	@sh scripts/uv run --quiet pytest

test-all: MARKS := -m ''
test-all: test-package ## the same, and what takes long: each pair of answers, all environments, real servers, a fuzz
	@sh scripts/uv run --quiet pytest -m ''

# The package has a suite and a test project of its own: a generated project tests what is its team's. One worker
# more than there are processors, because many of its tests wait for processes.
test-package: export PYTEST_XDIST_AUTO_NUM_WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
test-package: ## test the package alone
	@cd tests/package && sh ../../scripts/uv run --quiet pytest $(MARKS)

faults: ## break a generated project, and a plain one, in every way of docs/faults.md (40 min)
	@rm -rf .faults
	@sh scripts/uv run --quiet pytest tests/project/faults -n 0 --target ours
	@sh scripts/uv run --quiet pytest tests/project/faults -n 0 --target stock
	@sh scripts/uv run --quiet pytest tests/project/faults -n 0 --target plain
	@sh scripts/uv run --quiet python tests/project/faults/table.py

# exec, for the same reason.
bench: ## measure a generated project beside its peers, and what upstreams cost it; write benchmarks/README.md (14 min)
	@sh scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/run.py

bench-quick: ## print its decisive ratios (3 min)
	@sh scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/run.py --quick

bench-memory: ## measure a worker's memory before and after 100,000 requests, and renew benchmarks/README.md (8 min)
	@sh scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/memory_run.py

bench-growth: ## measure a request with many connections, upstreams and bytes, and renew benchmarks/README.md (9 min)
	@sh scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/growth_run.py

bench-tasks: ## measure tasks a second on each queue that answers, write benchmarks/tasks.md (5 min)
	@sh scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/tasks.py

bench-streams: ## measure 1,000 streams of tokens beside its peers, write benchmarks/streams.md (10 min)
	@sh scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/streams.py

profile: ## count the instructions of a request by layer, with callgrind (4 min)
	@sh scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/layers.py

board-picture: ## play faults to a project under load, scraped by prometheus, and draw its dashboard (5 min)
	@sh scripts/uv sync --quiet && PYTHONPATH=scripts exec .venv/bin/python benchmarks/board_run.py

lint: ## check style, types and the direction of imports, of the template and of the package
	@sh scripts/uv run --quiet ruff check
	@sh scripts/uv run --quiet ruff format --check
	@sh scripts/uv run --quiet mypy
	@sh scripts/uv run --quiet mypy tests/project/faults
	@sh scripts/uv run --quiet ruff check "$(PACKAGE)"
	@sh scripts/uv run --quiet ruff format --check "$(PACKAGE)"
	@cd tests/package && sh ../../scripts/uv run --quiet mypy --config-file "../../$(PACKAGE)/pyproject.toml"
	@sh scripts/uv run --quiet lint-imports --no-logo
	@sh scripts/uv run --quiet python scripts/record.py --check
	@sh scripts/uv run --quiet python scripts/lock.py --check
	@sh scripts/uv run --quiet python scripts/board.py --check

format: ## format the code of the template and of the package, and record the package's checksums
	@sh scripts/uv run --quiet ruff check --fix
	@sh scripts/uv run --quiet ruff format
	@sh scripts/uv run --quiet ruff check --fix "$(PACKAGE)"
	@sh scripts/uv run --quiet ruff format "$(PACKAGE)"
	@$(MAKE) --no-print-directory record

board: ## write the dashboard and the alerts of projects, and their table in the documentation
	@sh scripts/uv run --quiet python scripts/board.py

record: ## record the checksums of the package's files, by which projects notice edits
	@sh scripts/uv run --quiet python scripts/record.py

examples: ## write the projects of the branch `examples` into .examples/
	@sh scripts/uv run --quiet python scripts/examples.py .examples

# OPTIONS are those of `uv lock`.
lock: ## write the project's uv.lock, for all answers; OPTIONS=--upgrade takes the newest versions
	@sh scripts/uv run --quiet python scripts/lock.py $(OPTIONS)
