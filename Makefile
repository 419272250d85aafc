# Wildways: `make demo` and `make test` each set up everything they need on a machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := src/wildways/server/static/index.html
WEB_SOURCES := $(shell find web/src web/public -type f) web/index.html web/vite.config.ts web/svelte.config.js web/tsconfig.json
BASEMAP := src/wildways/server/basemap/basemap.pmtiles
JURISDICTIONS := src/wildways/context/data/jurisdictions.npz
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

export PYTHONWARNINGS := default

.PHONY: demo test setup web bench lint lock wheel chromium clean

demo: setup  ## build the demonstration atlas and serve it
	$(BIN)/wildways demo demo

test: setup lint $(if $(CHROMIUM),,chromium)  ## set up and pass the tests
	$(BIN)/pytest --numprocesses auto --dist loadfile

setup: $(VENV)/.installed web  ## Python packages, web application and maps

web: $(WEB) $(BASEMAP) $(JURISDICTIONS)

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

chromium:  # for the browser tests; from Debian when root
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation; \
	else \
	    echo "Install Chromium for the browser tests, or they are skipped."; \
	fi

clean:
	rm -rf $(VENV) dist demo web/node_modules src/wildways/server/static src/wildways/server/basemap src/wildways/context/data

$(VENV)/.uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Wildways needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	touch $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	touch $@

web/node_modules/.installed: web/package.json web/package-lock.json
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
	    || { echo "The web application needs Node 20.19 or newer with npm."; exit 1; }
	cd web && npm ci --no-audit --no-fund --loglevel=error
	touch $@

$(WEB): web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run --silent check && npm run --silent build
	touch $@

$(BASEMAP): web/node_modules/.installed web/basemap/build_basemap.py web/basemap/boundaries.toml $(VENV)/.installed
	$(BIN)/python web/basemap/build_basemap.py $@
	touch $@

$(JURISDICTIONS): web/node_modules/.installed $(wildcard web/jurisdictions/*) web/basemap/boundaries.toml $(VENV)/.installed
	$(BIN)/python web/jurisdictions/build_jurisdictions.py $@
	touch $@
