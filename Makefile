# Needs Python (>= 3.11), pip and make; everything else goes into .venv.
PYTHON ?= python3
PYTEST_ARGS ?=
# Most tests wait for most of their time, so more processes than cores share them; those that are named run in one.
PROCESSES ?= $(if $(PYTEST_ARGS),0,4)

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
IS_DEBIAN_ROOT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
APT_INSTALL := DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=60 install -y --no-install-recommends

.PHONY: help demo test check bench peers install clean

help:
	@echo "make demo        two endpoints on this machine talk, chat and send a file"
	@echo "make test        all tests, in four processes (make test PYTEST_ARGS='-k invite tests/protocols' for some, in one)"
	@echo "make check       ruff, mypy and the import contracts"
	@echo "make bench       all figures; make bench-NAME for those of bench/NAME.py"

demo: $(INSTALLED)
	@$(BIN)/sipsimple demo

test: $(INSTALLED) peers
	@$(BIN)/pytest -rfEs -n $(PROCESSES) $(PYTEST_ARGS)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED)
	@$(BIN)/python bench/run.py

bench-%: $(INSTALLED)
	@$(BIN)/python bench/run.py $*

install: $(INSTALLED)

$(INSTALLED): pyproject.toml | $(BIN)/python
	@echo "installing sipsimple and what it needs into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# The first suitable interpreter makes the environment. Debian keeps ensurepip, which venv needs, in a package of its own.
$(BIN)/python:
	@for python in "$(PYTHON)" python3.14 python3.13 python3.12 python3.11; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip' >/dev/null 2>&1; then \
		package=$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
		if $(IS_DEBIAN_ROOT); then \
			echo "installing $$package, because $$python cannot make environments"; \
			apt-get update -qq </dev/null && $(APT_INSTALL) -qq "$$package" </dev/null >/dev/null || exit 1; \
		else \
			echo "$$python has no ensurepip; on Debian or Ubuntu: sudo apt-get install $$package" >&2; exit 1; \
		fi; \
	fi; \
	echo "making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

# Interop tests want SIPp, baresip and Kamailio on the other side. Not having them skips such tests and fails nothing.
peers:
	@missing=; \
	command -v sipp >/dev/null 2>&1 || missing="sip-tester"; \
	command -v baresip >/dev/null 2>&1 || missing="$$missing baresip-core"; \
	ls /usr/lib/*/kamailio/modules/tls.so >/dev/null 2>&1 || missing="$$missing kamailio kamailio-tls-modules"; \
	ls /usr/lib/*/kamailio/modules/presence.so >/dev/null 2>&1 || missing="$$missing kamailio-presence-modules"; \
	ls /usr/lib/*/kamailio/modules/db_sqlite.so >/dev/null 2>&1 || missing="$$missing kamailio-sqlite-modules"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if $(IS_DEBIAN_ROOT); then \
		echo "installing $$missing for the interop tests"; \
		{ apt-get update -qq && $(APT_INSTALL) -qq $$missing; } </dev/null >/dev/null \
			|| echo "apt-get could not install $$missing: interop tests will be skipped"; \
	else \
		echo "missing (Debian packages): $$missing: interop tests will be skipped"; \
	fi

clean:
	rm -rf $(VENV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
