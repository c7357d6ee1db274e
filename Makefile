# Two commands do everything on a fresh Debian with Python 3.11: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo
PORT ?= 8050
READY := $(VENV)/.ready

NPM := tests/npm/node_modules/.ready

.PHONY: setup system npm demo test check bench screenshots clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,spark]'
	@touch $@

system:
	@bash .ci/system

npm: system $(NPM)

$(NPM): tests/npm/package.json tests/npm/package-lock.json
	cd tests/npm && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

demo: setup
	$(BIN)/workbench demo --dir $(DEMO) --port $(PORT)

check: setup
	$(BIN)/ruff check workbench tests
	$(BIN)/ruff format --check workbench tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m "not slow and not browser"

test: setup npm
	$(BIN)/ruff check workbench tests
	$(BIN)/ruff format --check workbench tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder --durations=25

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m tests.bench

screenshots: setup npm
	$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf $(VENV) $(DEMO) build dist *.egg-info
