# `make` alone explains everything. Recipes are short on purpose: what they call can be called by hand.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PY := .venv/bin/python
ASSETS := contact/faces/console/static/dist/manifest.json
ASSET_SOURCES := $(shell find contact/faces/console/assets -type f 2>/dev/null)

# make demo: ONCE=1 ends after the summary, PORT=8080, CUSTOMERS=20000
PORT ?= 8080
CUSTOMERS ?= 20000
# make real-data: where the four public data sets lie
REAL_DATA ?= ../shared/data

.PHONY: help demo test check assets bench real-data lock clean

help: ## say what can be made
	@echo "contact-strategy: whom to contact, about what, where and when, and never more often than allowed"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "Needs only Linux (or macOS, best effort), Python 3.11-3.14 and make; the rest goes into .venv and var/."

demo: .venv/.main $(ASSETS) ## run the demonstration operator, then serve it on 127.0.0.1:8080 (ONCE=1 PORT= CUSTOMERS=)
	@exec $(PY) -m demo --port $(PORT) --customers $(CUSTOMERS) $(if $(ONCE),--once)

test: .venv/.dev $(ASSETS) ## run every test on real servers; installs Redis, PostgreSQL, Chromium where missing
	@bash tests/servers.sh
	@$(PY) tests/run.py test

check: .venv/.dev $(ASSETS) ## format, lint, types, import floors, quick tests: some four minutes on two cores
	@$(PY) tests/run.py check

assets: $(ASSETS) ## bundle the console's script and style sheet

bench: .venv/.bench $(ASSETS) ## every claim about speed or statistics, measured
	@for file in bench/[a-z]*.py; do echo "== $$file"; $(PY) "$$file" || exit 1; done

real-data: .venv/.main ## four public data sets through the same commands, beside the published figures (REAL_DATA=)
	@$(PY) -m bench.real_data "$(REAL_DATA)"

lock: .venv/.dev ## resolve requirements/*.lock anew
	@bash requirements/lock.sh

clean: ## remove what was made: .venv, node_modules, bundles, caches; var/ (data) stays
	@rm -rf .venv node_modules contact/faces/console/static/dist .mypy_cache .pytest_cache .ruff_cache \
	    .import_linter_cache .grimp_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.main: requirements/main.lock requirements/venv.sh
	@bash requirements/venv.sh main

.venv/.dev: requirements/dev.lock requirements/venv.sh
	@bash requirements/venv.sh dev

.venv/.bench: requirements/bench.lock requirements/venv.sh
	@bash requirements/venv.sh bench

$(ASSETS): $(ASSET_SOURCES) package.json package-lock.json requirements/assets.sh | .venv/.main
	@bash requirements/assets.sh
