# `make run` and `make test` are all the set-up there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The system's certificates, so that a mirror behind an inspecting proxy works too.
export UV_SYSTEM_CERTS ?= 1
# Many an image forbids to keep bytecode, and then each process compiles all it imports: 6 s for a service, instead of 3.
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE := 1
PACKAGES := shared services/tender services/provider-registry services/evaluation services/budget services/portal deploy/onebox
STAMP := $(VENV)/.installed
LOCKING := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help run cluster test test-deep faults check lint types imports contracts documents format lock clean
help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(STAMP): requirements.lock deploy/onebox/bootstrap.lock $(foreach package,$(PACKAGES),$(package)/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit("Coxswain needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11.") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/onebox/bootstrap.lock
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements.lock --python $(BIN)/python
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python $(foreach package,$(PACKAGES),-e ./$(package))
	@touch $@

run: $(STAMP)  ## start everything on this machine and open the doors
	@exec $(BIN)/coxswain up

cluster: $(STAMP)  ## start every service as processes of its own over Kafka (needs Java 17 and Maven)
	@exec $(BIN)/coxswain cluster

test: $(STAMP)  ## run every test
	@$(BIN)/python -m pytest

test-deep: $(STAMP)  ## try the ledger's properties, also in PostgreSQL, on two thousand examples each; takes long
	@COXSWAIN_TEST_DEEP=1 $(BIN)/python -m pytest services/budget/tests -k "machine or conservation"

faults: $(STAMP)  ## walk journeys, and reserve, while processes, broker and databases go away
	@CLUSTER_FAULTS=1 $(BIN)/python -m pytest -n 0 tests/faults/test_cluster_faults.py tests/faults/test_killed_ledger.py

check: lint types imports contracts  ## lint, types, import contracts, schema compatibility

lint: $(STAMP)
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports --no-logo

contracts: $(STAMP)
	@$(BIN)/python -m shared.contracts check
	@$(BIN)/coxswain documents --check

documents: $(STAMP)  ## write the generated schemas and API documents again
	@$(BIN)/python -m shared.contracts write
	@$(BIN)/coxswain documents

format: $(STAMP)  ## let ruff write
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(STAMP)  ## pin every dependency again
	@$(BIN)/uv pip compile $(LOCKING) requirements.in -o requirements.lock
	@$(BIN)/uv pip compile $(LOCKING) --no-annotate --constraint requirements.lock deploy/images/requirements.in -o deploy/images/requirements.lock
	@echo hatchling | $(BIN)/uv pip compile $(LOCKING) --no-annotate --constraint requirements.lock - -o deploy/images/build.lock
	@echo uv | $(BIN)/uv pip compile $(LOCKING) --no-annotate - -o deploy/onebox/bootstrap.lock

clean:  ## forget the environment (not the data in ./var)
	rm -rf $(VENV)
