# Everything a person or a machine does here, each with one word. `make` alone lists them.
#
# PYTHON names the interpreter: `make test PYTHON=python3.12` sets up a .venv-3.12 of its own beside .venv.

PYTHON = python3
ifeq ($(PYTHON),python3)
VENV := .venv
else
VENV := .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test lint check bench reference clean

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 18

demo: $(VENV)/.runtime ## the main job on a real table: penguins
	@$(BIN)/photic fit penguins

test: $(VENV)/.dev ## every test and every example in a docstring; ARGS="-k dropout" chooses
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 $(ARGS)

lint: $(VENV)/.dev ## format, lint, types, floors, laws, generated references
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/pyrefly check --summary=none
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/laws.py
	$(BIN)/python scripts/reference.py --check

check: lint test ## lint and test

bench: $(VENV)/.bench ## measure side by side with the peers; ROWS="startup" chooses
	$(BIN)/python -m bench $(ROWS)

reference: $(VENV)/.dev ## write docs/reference anew from the code
	$(BIN)/python scripts/reference.py

clean: ## throw away caches and what packaging leaves; environments and runs stay
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

# One environment, three stamps: each is made again when pyproject.toml changes.
$(VENV)/.runtime: pyproject.toml
	@sh scripts/environment.sh $(PYTHON) $(VENV)
	@echo "Installing Photic into $(VENV) (once)"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Installing the tools of development into $(VENV) (once)"
	@$(PIP) install --editable '.[dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.runtime
	@echo "Installing the peers of the benchmarks into $(VENV) (once)"
	@$(PIP) install --editable '.[bench]'
	@touch $@
