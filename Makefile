# Everything GridBeat needs lives in .venv; nothing is installed outside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(VENV)/.packages
READY := $(VENV)/.ready
# Where keeping bytecode is forbidden, every server and every worker would compile all modules anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup demo test check bench lock map clean

$(PACKAGES): requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"GridBeat needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Try: make setup PYTHON=python3.12")'
	@$(PYTHON) -m venv --clear $(VENV)
	@echo "Installing the locked packages into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(PACKAGES)

$(READY): $(PACKAGES) pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@$(BIN)/python -m gis.compiling
	@touch $(READY)

setup: $(READY)  ## only the set-up

demo: $(READY)  ## a living district on http://127.0.0.1:8501
	@$(BIN)/gridbeat demo

test: check  ## every check and every test
	@$(BIN)/python -m pytest

check: $(READY)  ## layout, lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY)  ## the speed and quality figures, each beside its peer
	@$(BIN)/python -m benchmarks

lock:  ## new exact versions; needs uv on the path
	uv pip compile --generate-hashes --universal --no-emit-index-url --python-version 3.11 --extra dev \
		--custom-compile-command "make lock" --upgrade pyproject.toml -o requirements.lock

map:  ## the map's browser bundle from its source; needs node and npm
	cd ui/map/source && npm ci --no-audit --no-fund && npm run build

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
