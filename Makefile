# Two commands do everything, set-up included:  make demo   and   make test
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV ?= .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
OUT ?= out
JOBS ?= 2

# Where it is set, every process that a test starts compiles all of the program again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test lint format lock setup screenshots evaluate faults audit bench bench-29m sample-data clean

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY)  ## virtual environment and the system libraries Qt needs

$(READY): requirements.lock pyproject.toml .ci/setup
	@bash .ci/setup "$(VENV)"
	@touch $@

demo: $(READY)  ## sample data -> import -> analyse -> window (without a display: screenshot + verified bundle)
	@$(PY) -m workbench demo --out "$(OUT)/demo"

test: $(READY)  ## the whole test suite, off-screen
	@QT_QPA_PLATFORM=offscreen $(PY) -m pytest -q -n auto --maxprocesses 4 --dist loadfile

lint: $(READY)  ## ruff, mypy strict, import-linter
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

format: $(READY)  ## rewrite in the house's format
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

lock:  ## renew requirements.lock (needs uv)
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -q --upgrade -o requirements.lock

sample-data: $(READY)  ## make sample_data/ anew
	@$(PY) -m workbench simulate sample_data --scenario sample --seed 22

evaluate: $(READY)  ## every table of docs/detection.md (slow; goes on where it was cut off)
	@$(PY) -m benchmarks.evaluation --jobs $(JOBS)

bench: $(READY)  ## every figure of docs/performance.md (slow)
	@QT_QPA_PLATFORM=offscreen $(PY) -m benchmarks.all

bench-29m: $(READY)  ## import of 29 million lines, 29 GB, which it makes (slow; 40 GB of disk)
	@$(PY) -m benchmarks.import_29m

faults: $(READY)  ## kill -9, full disk, mutated logs at full count (slow); the seed is printed
	@QT_QPA_PLATFORM=offscreen WORKBENCH_FAULTS=full $(PY) -m pytest -q -o faulthandler_timeout=0 tests/faults tests/services/test_resuming.py

audit: $(READY)  ## what is installed against the lock: versions, hashes, licences
	@$(PY) .ci/audit.py

screenshots: $(READY)  ## docs/images: every view in both themes
	@QT_QPA_PLATFORM=offscreen $(PY) -m benchmarks.screenshots docs/images

clean:
	@rm -rf $(VENV) $(OUT) build dist .mypy_cache .ruff_cache .pytest_cache
