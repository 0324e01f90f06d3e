# make lab    JupyterLab on the quickstart (PORT=8888 OPEN=0 TOKEN=… for headless use)
# make test   Python, TypeScript and browser tests        make check   linters and types
# make build  wheel and sdist in dist/                     make bench   measurements: tests/benchmarks/RESULTS.md
# make bench-ui  what a person waits for in the widget: tests/benchmarks/UI.md
# make recovery            known formulas, found again by the search (20 minutes); make recovery-others
# make docs   the documentation, as pages in build/docs
# make soak   thousands of random networks, sessions, damaged files and messages (an hour)
# make test-wheel  the wheel of a fresh clone in empty environments, the newest and the oldest (gigabytes)
# make clean  back to a fresh clone                      make picture   the one in the README
# PYTHON=/path/to/python chooses the Python (≥ 3.10) that .venv is made from.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PORT ?=
OPEN ?= 1
TOKEN ?=
NOTEBOOK ?= notebooks/quickstart.ipynb
PYTEST_ARGS ?=
RECOVERY_ARGS ?=
UI_ARGS ?=
WHEEL_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# one stamp a kind of install, kept in .venv so that removing .venv forgets them
STAMPS := $(VENV)/.stamps
# widget.css is written together with it
STATIC := kanwidget/static/widget.js
JS_SOURCES := $(shell find js/src -type f 2>/dev/null) $(wildcard js/build.js js/styles.js js/tsconfig.json)
# without byte code of thousands of files that nobody imports
PIP_INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-compile -c .constraints.txt

IS_GOOD_PYTHON := -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
find_python = $(shell for python in python3 python python3.14 python3.13 python3.12 python3.11 python3.10; do \
	if $$python $(IS_GOOD_PYTHON); then echo $$python; break; fi; done)
PYTHON ?= $(find_python)

.PHONY: help lab test test-python test-js test-browser test-hand test-alone test-wheel soak check format docs build bench bench-ui recovery recovery-others clean chromium

help:
	@sed -n 's/^# \(make\|PYTHON\)/\1/p' Makefile

# --- installing -----------------------------------------------------------------------------

$(BIN)/python:
	@python='$(PYTHON)'; if ! "$$python" $(IS_GOOD_PYTHON); then \
		echo "kanwidget needs Python 3.10 or newer with its venv module (Debian: apt install python3-venv)," \
		     "and found $${python:-none on PATH}; PYTHON=/path/to/python names another." >&2; exit 1; fi; \
	echo "creating $(VENV) with $$python"; "$$python" -m venv $(VENV)

js/node_modules/.installed: js/package.json js/package-lock.json
	@version=$$(node --version 2>/dev/null || true); major=$${version#v}; major=$${major%%.*}; \
	if ! [ "$${major:-0}" -ge 20 ] || ! command -v npm >/dev/null; then \
		echo "kanwidget needs Node 20 or newer with npm to build its front end, and found $${version:-none} on PATH." >&2; \
		exit 1; fi
	npm --prefix js ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(@D) && touch $@

$(STATIC): js/node_modules/.installed $(JS_SOURCES)
	npm --prefix js run build --silent
	@touch $@

$(STAMPS)/%: pyproject.toml .constraints.txt | $(BIN)/python $(STATIC)
	@echo "installing kanwidget[$*] into $(VENV)"
	$(PIP_INSTALL) -e '.[$*]'
	@mkdir -p $(STAMPS) && touch $@

# a newcomer's first look is at the notebook, not at JupyterLab's question about news
$(VENV)/share/jupyter/lab/settings/overrides.json: | $(STAMPS)/lab
	@mkdir -p $(@D)
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}' > $@

chromium: $(STAMPS)/test
	@$(BIN)/python -m tests.browser.chromium --install

# --- using ----------------------------------------------------------------------------------

lab: $(STATIC) $(STAMPS)/lab $(VENV)/share/jupyter/lab/settings/overrides.json
	@exec $(BIN)/jupyter lab --LabApp.default_url='/lab/tree/$(NOTEBOOK)' \
		$(if $(PORT),--ServerApp.port='$(PORT)' --ServerApp.port_retries=0) \
		$(if $(filter 0,$(OPEN)),--no-browser) \
		$(if $(TOKEN),--IdentityProvider.token='$(TOKEN)') \
		$$([ "$$(id -u)" != 0 ] || echo --allow-root)

# --- testing --------------------------------------------------------------------------------

# a failure of one kind does not hide what the others say; pip downloads while Node tests
test:
	@failed=0; \
	$(MAKE) --no-print-directory --keep-going --jobs=2 test-js chromium || failed=1; \
	$(MAKE) --no-print-directory --keep-going test-python test-hand test-alone || failed=1; \
	exit $$failed

test-js: js/node_modules/.installed
	npm --prefix js test

# tests side by side, each on one core
SIDE_BY_SIDE = -n auto --maxprocesses 4 --dist worksteal

test-python: $(STATIC) $(STAMPS)/test
	$(BIN)/python -m pytest -m 'not browser' $(SIDE_BY_SIDE) $(PYTEST_ARGS)

# two at a time, and those alone that count what a person sees in time
test-browser: test-hand test-alone

# pytest's 5: none of these was asked for; to look through all other tests for them takes 15 seconds
OR_NONE = || [ $$? -eq 5 ]
IN_BROWSER = $(or $(PYTEST_ARGS),tests/browser)

test-hand: $(STATIC) $(STAMPS)/test chromium
	$(BIN)/python -m pytest -m 'browser and not alone' -n 2 --dist loadfile $(IN_BROWSER) $(OR_NONE)

test-alone: $(STATIC) $(STAMPS)/test chromium
	$(BIN)/python -m pytest -m alone $(IN_BROWSER) $(OR_NONE)

# WHEEL_ARGS='--oldest /path/to/python3.10' chooses a Python
test-wheel: $(STAMPS)/test
	$(BIN)/python -m tests.wheel $(WHEEL_ARGS)

SOAK = tests/engine/test_fitting.py tests/engine/test_interrupts.py tests/engine/test_symbolic_faults.py \
	tests/engine/test_random_sequences.py tests/engine/test_formula_random.py \
	tests/engine/test_formula_tags.py tests/engine/test_evaluation.py tests/engine/test_scaling.py \
	tests/session/test_random_sessions.py \
	tests/session/test_script.py tests/session/test_fuzz_files.py \
	tests/session/test_storing_anything.py tests/session/test_hello_world.py \
	tests/widget/test_fuzz_messages.py \
	tests/widget/test_killed.py
soak: $(STATIC) $(STAMPS)/test
	KANWIDGET_SOAK=1000 $(BIN)/python -m pytest $(SOAK) $(SIDE_BY_SIDE) $(PYTEST_ARGS)

# every tool has its say before make check fails
check: $(STAMPS)/test $(STAMPS)/dev js/node_modules/.installed
	@failed=0; \
	$(BIN)/ruff check --output-format concise || failed=1; \
	$(BIN)/ruff format --check || failed=1; \
	$(BIN)/mypy || failed=1; \
	npm --prefix js run check --silent || failed=1; \
	exit $$failed

format: $(STAMPS)/dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# every warning is told, then make fails
docs: $(STATIC) $(STAMPS)/docs
	$(BIN)/python -m sphinx -q -W -n --keep-going -c notebooks/docs -d build/doctrees . build/docs
	@echo "build/docs/index.html"

# the picture in the README: the widget at the end of the manual session
picture: $(STATIC) $(STAMPS)/test chromium
	$(BIN)/python -m pytest -q tests/browser/test_journey.py -k by_hand
	cp tests/browser/artifacts/test_hello_world_by_hand_from_data_to_formula/widget.png notebooks/hello_world.png

# minutes; PYTEST_ARGS='-k memory' measures a part and prints it, RESULTS.md is of a whole run
bench: $(STATIC) $(STAMPS)/test
	$(BIN)/python -m pytest -q tests/benchmarks -s $(PYTEST_ARGS)

# five minutes; UI_ARGS='--only actions' measures a part and writes no page
bench-ui: $(STATIC) $(STAMPS)/test chromium
	$(BIN)/python -m tests.benchmarks.ui --write $(UI_ARGS)

# 20 minutes each; RECOVERY_ARGS='--only hellokan', '--hello' or '--noise' runs a part and writes no page
recovery: $(STATIC) $(STAMPS)/test
	$(BIN)/python -m tests.benchmarks.recovery --targets public --seeds 3 --write $(RECOVERY_ARGS)

recovery-others: $(STATIC) $(STAMPS)/test
	$(BIN)/python -m tests.benchmarks.recovery --targets others --seeds 3 --write $(RECOVERY_ARGS)

build: $(STATIC) $(STAMPS)/dev
	rm -rf dist
	$(BIN)/python -m build --outdir dist

clean:
	rm -rf $(VENV) js/node_modules kanwidget/static dist build tests/browser/artifacts
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find kanwidget notebooks tests -name __pycache__ -type d -prune -exec rm -rf {} +
