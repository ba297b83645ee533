# `make` alone lists what there is. Everything happens in .venv, which is built when it is missing or out of date.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test test-diffusers chaos lint format messages bench screenshots clean tools

HOST ?= 127.0.0.1
PORT ?= 8000
SEED ?=
ROUNDS ?= 20
VENV ?= .venv
PYTHON := $(VENV)/bin/python

# In this order, the first that is new enough.
PYTHONS := python3.13 python3.12 python3.11 python3
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp ## Start the gallery with a worker that renders: make run [PORT=8000] [HOST=127.0.0.1] [ARGS=...]
	@exec $(PYTHON) manage.py demo --host "$(HOST)" --port "$(PORT)" $(ARGS)

# Two side by side, and what fails beside a neighbour (two cores, real servers and browsers) once more without one: then
# it has to pass. By themselves also those that measure: they would measure the neighbour.
test: $(VENV)/dev.stamp tools ## Run all tests: make test [ARGS="-k name"]
ifdef ARGS
	$(PYTHON) -m pytest $(ARGS)
else
	$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not alone" || \
	  $(PYTHON) -m pytest --last-failed --last-failed-no-failures none
	$(PYTHON) -m pytest -m alone
endif

chaos: $(VENV)/dev.stamp tools ## Break everything for long: make chaos [SEED=7] [ROUNDS=20] [ARGS="-k sqlite"]
	CHAOS_SEED="$(SEED)" CHAOS_ROUNDS="$(ROUNDS)" $(PYTHON) -m pytest tests/chaos -rs $(ARGS)

test-diffusers: $(VENV)/dev.stamp tools ## Test the callback for diffusers with a real pipeline (fetches torch into .venv)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e './client[images,diffusers]'
	$(PYTHON) -m pytest tests/client/test_diffusers.py $(ARGS)

lint: $(VENV)/dev.stamp ## Check the code's form and types, its templates and the direction of its imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	find templates -name '*.html' -print0 | xargs -0 $(VENV)/bin/djade --target-version 5.2 --check
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy

format: $(VENV)/dev.stamp ## Bring code and templates into form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	find templates -name '*.html' -print0 | xargs -0 $(VENV)/bin/djade --target-version 5.2

messages: $(VENV)/dev.stamp ## Bring the catalogs of translations in step with the texts, and compile them
	$(PYTHON) -m tests.catalogs

bench: $(VENV)/dev.stamp tools ## Measure: events to the page, viewers, throughput
	$(PYTHON) -m tests.benchmarks $(ARGS)

screenshots: $(VENV)/dev.stamp tools ## Make the README's pictures anew
	$(PYTHON) -m tests.screenshots $(ARGS)

clean: ## Remove the environment and what tools left; pictures and databases in var stay
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache build dist *.egg-info
	find client gallery gallery_project tests -name __pycache__ -prune -exec rm -rf {} +

# Two stamps: running needs fewer packages than testing, and testing has all that running needs.
$(VENV)/bin/python:
	@for python in $(PYTHONS); do \
	  if command -v $$python >/dev/null && $$python -c "$(NEW_ENOUGH)" 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "Darkroom needs Python 3.11 or newer with its venv module (on Debian: apt-get install python3 python3-venv)." >&2; exit 1

$(VENV)/run.stamp: pyproject.toml client/pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ./client -e '.[demo,heif,uvicorn]'
	@touch $@

$(VENV)/dev.stamp: pyproject.toml client/pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ./client -e '.[dev]'
	@touch $@ $(VENV)/run.stamp

# What the tests start besides Python: a browser, Redis, PostgreSQL, nginx and curl, each on ports of the tests' own.
APT_INSTALL := apt-get install -y --no-install-recommends

tools:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v redis-server >/dev/null || missing="$$missing redis-server"; \
	command -v curl >/dev/null || missing="$$missing curl"; \
	PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || missing="$$missing nginx-light"; \
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  export DEBIAN_FRONTEND=noninteractive; apt-get update -q; $(APT_INSTALL) $$missing; \
	else \
	  echo "The tests need$$missing. On Debian: sudo apt-get update && sudo $(APT_INSTALL)$$missing" >&2; exit 1; \
	fi
