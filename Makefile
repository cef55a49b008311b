# Every target does its own set-up: python3 (3.11 or newer), pip, make and git are enough.
PYTHON ?= python3
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test test-matrix test-clients faults lint bench docs lock clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' Makefile

# pip of the outer interpreter installs into .venv, so that a python3 without ensurepip will do.
.venv/.stamp: requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pgarbiter needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	rm -rf .venv
	"$(PYTHON)" -m venv --without-pip .venv
	"$(PYTHON)" -m pip --disable-pip-version-check --python $(PY) install --quiet --require-hashes --requirement requirements.lock
	"$(PYTHON)" -m pip --disable-pip-version-check --python $(PY) install --quiet --no-deps --no-build-isolation --editable .
	mkdir -p .venv/typing && ln -sfn ../../checks .venv/typing/pgarbiter
	touch $@

demo: .venv/.stamp ## four incidents found, mended and gone, on a real PostgreSQL
	@$(PY) examples/demo.py

test: .venv/.stamp ## run the test suite on all cores
	$(PY) -m pytest --numprocesses auto --dist loadfile $(ARGS)

test-matrix: .venv/.stamp ## run the tests that take any server on PostgreSQL 14 to 18
	$(PY) tests/majors.py
	PGARBITER_TEST_MAJORS=14,15,16,17,18 $(PY) -m pytest $(ARGS)

test-clients: .venv/.stamp ## run the clients themselves and compare what they send; writes docs/clients.md
	$(PY) -m tests.clients $(ARGS)

faults: .venv/.stamp ## kill every online operation at every step; writes docs/faults.md
	$(PY) -m tests.faults $(ARGS)

lint: .venv/.stamp ## ruff, mypy, basedpyright, import-linter
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m basedpyright --level error
	$(PY) -c 'from importlinter.cli import lint_imports_command as main; main()'

bench: .venv/.stamp ## measure against named floors and peers
	$(PY) -m bench $(ARGS)

docs: .venv/.stamp ## the documentation as a site, in site/
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet

lock: ## renew requirements.lock (needs uv)
	uv pip compile pyproject.toml --extra embedded --extra docker --group dev --generate-hashes --universal \
	  --python-version 3.11 --no-header --no-annotate --no-emit-index-url --upgrade --quiet --output-file requirements.lock

clean: ## remove .venv, fetched servers and caches
	rm -rf .venv .servers .clients .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build site examples/node_modules *.egg-info
