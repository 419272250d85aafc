# Wildways: `make demo` and `make test` each set up everything they need on a machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := src/wildways/server/static/index.html
BASEMAP := src/wildways/server/basemap/basemap.pmtiles
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

export PYTHONWARNINGS := default

.PHONY: demo test setup web bench lint lock wheel clean

demo: setup  ## build the demonstration atlas and serve it
	$(BIN)/wildways demo demo

test: setup lint $(if $(CHROMIUM),,chromium)  ## set up and pass the tests
	$(BIN)/pytest

setup: $(VENV)/.installed web  ## Python packages and web application

web: $(WEB) $(BASEMAP)

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## every figure of the README, one JSON object a line
	@for script in benchmarks/bench_*.py; do $(BIN)/python $$script; done

lock: $(VENV)/.uv  ## resolve requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --group dev --extra cluster pyproject.toml -o requirements.lock

wheel: setup
	$(BIN)/uv build

clean:
	rm -rf $(VENV) dist demo web/node_modules src/wildways/server/static src/wildways/server/basemap

$(VENV)/.uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Wildways needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	touch $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	touch $@
