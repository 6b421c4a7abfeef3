# The few verbs. `make demo` and `make test` do all their own set-up.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
export YONG_HOME ?= $(CURDIR)/.yong
# Where Python is told to keep no compiled code, each of our processes would compile for seconds before it serves.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-external test-spark check fix gen bench new-domain core dev console editor clean
demo: core
	@$(BIN)/python scripts/console.py --lenient
	@$(BIN)/yong demo

test: dev editor
	@$(BIN)/python scripts/test.py

# Everything that touches the database, on a PostgreSQL 15 by URL; a quick part of it is in `make test`.
test-external: dev
	@$(BIN)/python -m scripts.external

# Sealed history asked by Spark too, with the same answers; needs Java and fetches Spark the first time.
test-spark: dev
	@$(BIN)/python scripts/spark.py

check: dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/generate.py --check
	@$(BIN)/python scripts/console.py --check

fix: dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

gen: dev
	@$(BIN)/python scripts/generate.py
	@$(BIN)/python scripts/console.py --types

bench: dev
	@$(BIN)/python -m bench

new-domain: dev
	@$(BIN)/python scripts/new_domain.py "$(NAME)"

# The console, built into src/yong/app/console where the sources changed.
console: dev
	@$(BIN)/python scripts/console.py

# The console with the editor of procedures, whose licence is not an open-source one (docs/how-to/add-a-procedure.md).
editor: dev
	@$(BIN)/python scripts/console.py --editor

core: $(VENV)/core.stamp
dev: $(VENV)/dev.stamp

$(VENV)/core.stamp: requirements/core.lock pyproject.toml
	@$(PYTHON) scripts/bootstrap_venv.py $(VENV) core

$(VENV)/dev.stamp: requirements/core.lock requirements/dev.lock requirements/strangers.lock pyproject.toml
	@$(PYTHON) scripts/bootstrap_venv.py $(VENV) dev

clean:
	@rm -rf $(VENV) .yong .spark .node console/node_modules src/yong/app/console
