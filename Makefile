# Verticore. `make help` lists the targets.
#   PYTHON=python3.11                  another interpreter for the environment
#   PIP_ARGS="--index-url …"           words for pip (CPU-only torch: docs/how-to/install.md)
#   WHEELHOUSE=wheelhouse              install without internet

# The first interpreter that works: a name on the path may be a version manager's stub.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)' 2>/dev/null && { command -v $$name; break; }; done)
BIN := .venv/bin
WORKERS ?= 2
export PIP_ARGS WHEELHOUSE
# Two test processes on two cores: more threads in each would only wait for each other.
TEST_ENVIRONMENT := OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow lint format bench docs wheels wheelhouse clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: ## Make .venv with the core, all plugins and the tools; quick when nothing changed
	@test -n "$(PYTHON)" || { echo "Verticore needs Python 3.11 or later with venv: make setup PYTHON=…"; exit 1; }
	@$(PYTHON) scripts/setup.py

demo: setup ## Go the whole road once on sample data: import, fine-tune, evaluate, promote, serve, predict
	@$(BIN)/verticore demo

lint: setup ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## Check style, types and layers, and run all tests but the slow ones
	$(TEST_ENVIRONMENT) $(BIN)/python -m pytest -n $(WORKERS)

test-slow: setup ## Run the slow tests: several devices, processes that are killed, wheels, the plugin scaffold
	$(TEST_ENVIRONMENT) $(BIN)/python -m pytest -n $(WORKERS) -m slow

format: setup ## Put the code into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Measure speed; writes docs/reference/benchmarks.md
	$(BIN)/python -m pytest tests/benchmarks -m benchmark -s

docs: setup ## Write the reference from the code
	$(BIN)/python scripts/generate_reference.py

wheels: setup ## Build the wheels of the core and the plugins into dist/
	@$(BIN)/python scripts/wheels.py

wheelhouse: setup ## Gather all wheels for an installation without internet into wheelhouse/
	@$(BIN)/python scripts/wheels.py --wheelhouse wheelhouse

clean: ## Remove what was built, not .venv and not the workspace
	rm -rf build dist wheelhouse .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
