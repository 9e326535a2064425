# The README's two commands are `make demo` and `make test`; both set up everything they need.
#   make demo                  a terminal gets the operator's screen, a pipe the headless run
#   make demo BOARDS=firmware  boards as firmware on an emulated Cortex-M3
#   make demo TARGET=esp-nvs   ESP32 boards behind real esptool
#   make demo LINE=4           four benches on one PostgreSQL ledger, whose server is killed on the way
#   make test                  everything: lint, types, import rules, tests
#   make coverage              how much of ledger, rules, flow and targets the tests go through; fails below 95 %
#   make man                  the manual page, build/station.1
#   make install PREFIX=DIR   for daily use: an environment of its own in DIR/lib, DIR/bin/station (~/.local by default)
#   make uninstall PREFIX=DIR takes that away; configurations and ledgers stay
#   make dist                 wheel and source archive, in dist/
#   make lock                 requirements.lock anew: the versions, with hashes, that `make install` takes
#   make bench                 benchmarks; each prints a ratio
#   make soak                  hours: kills at every call, power cuts, crowds of stations, and each guard taken out once
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TARGET ?= agent
BOARDS ?= simulated
DEMO_EXTRAS := $(if $(filter firmware,$(BOARDS)),-firmware,)$(if $(LINE),-line,)
DEMO_STAMP := $(VENV)/.installed$(DEMO_EXTRAS)

# Some containers ask Python to keep no bytecode: then each of the tests' many processes compiles the station anew, which
# is twice its start.
test coverage: export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test sdks coverage bench soak lint man install uninstall dist lock clean
.DELETE_ON_ERROR:

demo: $(DEMO_STAMP)
	$(BIN)/station demo --target $(TARGET) --boards-are $(BOARDS) $(if $(LINE),--line $(LINE),) $(DEMO_ARGS)

test: $(VENV)/.installed-dev
	bash .ci/system-packages
	$(MAKE) -j2 lint tests/__pycache__ sdks
	$(BIN)/python -m pytest -n 6 --dist worksteal $(PYTEST_ARGS)

# Where nothing is compiled yet, each of pytest's workers would compile all of it; this does it once, beside the lint.
tests/__pycache__: | $(VENV)/.installed-dev
	-$(BIN)/python -m pytest --collect-only -qq >/dev/null

# The vendors' own SDKs, which the simulated clouds are tried with; where they cannot be had, their tests say so.
sdks: | $(VENV)/.installed-dev
	-$(BIN)/python -m tests.sdk.installed >/dev/null

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Of the tests of the rooms that have a figure to reach; the others' are printed too, and say less.
COVERAGE_TESTS ?= tests/ledger tests/postgres tests/flow tests/core tests/targets tests/console tests/slots tests/newcomer tests/intake tests/setback

coverage: $(VENV)/.installed-dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 --dist worksteal $(COVERAGE_TESTS) \
	  --deselect tests/core/test_imports.py $(PYTEST_ARGS)  # what a command loads: not with what counts it
	$(BIN)/coverage combine -q
	$(BIN)/coverage json -q
	$(BIN)/python -m tests.covered

bench: $(VENV)/.installed-dev
	$(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

soak: $(VENV)/.installed-dev
	bash .ci/system-packages
	$(BIN)/python -m tests.mutations
	$(BIN)/python -m tests.swaps --all
	STATION_WHOLE=1 $(BIN)/python -m pytest -n 4 --dist worksteal
	$(BIN)/python -m tests.endtoend.killing --kills 200
	$(BIN)/station demo --headless --boards 16 --count 200 --boards-are firmware --line-faults 2
	$(BIN)/python -m tests.soak $(SOAK_ARGS)

man: $(VENV)/.installed
	mkdir -p build
	$(BIN)/station man > build/station.1

# Not every shell makes the home folder of a tilde behind `=`; an empty one is none, not the root.
INTO = $(or $(if $(findstring ^~/,^$(PREFIX)),$(HOME)/$(subst ^~/,,^$(PREFIX)),$(PREFIX)),$(HOME)/.local)
HOUSE = $(INTO)/lib/certificate-station

install:
	$(PYTHON) -m venv --clear "$(HOUSE)"
	"$(HOUSE)/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	"$(HOUSE)/bin/python" -m pip install -q --disable-pip-version-check --no-deps .
	mkdir -p "$(INTO)/bin" "$(INTO)/share/man/man1"
	"$(HOUSE)/bin/station" man > "$(INTO)/share/man/man1/station.1"
	ln -sfn ../lib/certificate-station/bin/station "$(INTO)/bin/station"
	@bin=$$(cd "$(INTO)/bin" && pwd); command -v station >/dev/null || \
	  echo "$$bin is not in PATH: export PATH=\"$$bin:\$$PATH\""

uninstall:
	rm -rf "$(HOUSE)" "$(INTO)/bin/station" "$(INTO)/share/man/man1/station.1"

dist: $(VENV)/.installed
	$(BIN)/python -m pip install -q --disable-pip-version-check build
	$(BIN)/python -m build --outdir dist .

lock: $(VENV)/.installed
	$(BIN)/python -m pip install -q --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --extra keyring --extra serve --extra line --extra labels --extra mqtt --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	touch $@

$(VENV)/.installed-firmware $(VENV)/.installed-line $(VENV)/.installed-firmware-line: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check $(patsubst %,-e '.[%]',$(subst -, ,$(DEMO_EXTRAS)))
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
