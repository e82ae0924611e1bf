# Every way to run, check and change Warmpath. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup lint format test test-quick test-long test-bounds vocabulary bench bench-console bench-engine bench-introductions bench-stream bench-words simulate demo screenshots up down logs docs lock kafka-jars-lock clean

PYTHON ?= python3
BIN := .venv/bin
COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
LOCK = $(BIN)/uv pip compile --quiet pyproject.toml --generate-hashes --no-header --no-annotate --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links
CORES := $(shell getconf _NPROCESSORS_ONLN)
# Each worker has its own broker and database server, and waits for them a third of its time: one more than cores.
WORKERS ?= $(shell echo $$(($(CORES) + 1)))
PYTEST = $(BIN)/pytest --numprocesses=$(WORKERS) --maxprocesses=4 --dist=loadfile --no-loadscope-reorder
export PYTHON
# Bytecode is kept: otherwise each worker rewrites the assertions of every test once more.
unexport PYTHONDONTWRITEBYTECODE

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.complete ## Make .venv with everything in it, and fetch Apache Kafka's jars; quick when nothing changed
	@$(BIN)/python -m infra.local.setup

.venv/.complete: requirements-dev.txt pyproject.toml infra/local/venv.sh
	@bash infra/local/venv.sh

lint: .venv/.complete ## Formatting, rules, types and the arrows between the parts
	@echo "ruff format"; $(BIN)/ruff format --check --quiet . || { echo "Not formatted: make format"; exit 1; }
	@echo "ruff check"; $(BIN)/ruff check --quiet .
	@echo "mypy"; $(BIN)/mypy
	@echo "import-linter"; $(BIN)/lint-imports --no-logo

format: .venv/.complete ## Bring every Python file into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test-quick: WORKERS = $(CORES)
test-quick: .venv/.complete ## What needs neither broker nor database, in a minute or so; ARGS="tests/unit -k word" for a part
	@$(BIN)/python -m services.matching.kernels
	@$(PYTEST) --tier=quick $(ARGS)

test: setup ## Each rule, endpoint, poison, kill point and trap of Kafka, on real PostgreSQL and Kafka: some twelve minutes
	@$(PYTEST) $(ARGS)

test-long: setup ## The rest: long histories, ten times the examples, every kill under ten seeds, a million items
	@$(PYTEST) --tier=long $(ARGS)
	@$(MAKE) --no-print-directory test-bounds ARGS=

test-bounds: export NUMBA_BOUNDSCHECK = 1
test-bounds: .venv/.complete ## The matcher's own tests with every index of a compiled kernel checked; part of test-long
	@$(BIN)/python -m services.matching.kernels
	@$(PYTEST) $(or $(ARGS),tests/unit/matching)

bench-engine: setup ## The engine against its peers, into benchmarks/results; ARGS=--small for a quick look, ARGS="--only ROW"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-bench.txt
	@$(BIN)/python -m benchmarks.engine $(ARGS)

bench: setup ## Posted → told, how much fits through, ten minutes of endurance, into benchmarks/results
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-bench.txt
	@$(BIN)/python -m benchmarks.end_to_end $(ARGS)

bench-stream: setup ## Openings through the whole stream with a large graph in the matcher, into benchmarks/results
	@$(BIN)/python -m benchmarks.stream $(ARGS)

bench-console: setup ## The console's pages against their goals, into benchmarks/results; needs Chromium
	@$(BIN)/python -m benchmarks.console $(ARGS)

bench-introductions: setup ## From asking to the introducer's inbox, at 5 and at 200 asks a second, into benchmarks/results
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-bench.txt
	@$(BIN)/python -m benchmarks.introductions $(ARGS)

bench-words: .venv/.complete ## How well names, titles and skills are understood, and how fast, into benchmarks/results
	@$(BIN)/python -m benchmarks.words $(ARGS)

simulate: .venv/.complete ## A year of asking for introductions under three policies, ten seeds, into benchmarks/results
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-bench.txt
	@$(BIN)/python -m benchmarks.simulation $(ARGS)

vocabulary: .venv/.complete ## Build the tables of titles, skills and places from the open data in WARMPATH_DATA; see docs/vocabulary.md
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-vocabulary.txt
	@$(BIN)/python -m shared.resolution.building $(ARGS)

demo: .venv/.complete ## The stack, an example network, one story; ONCE=1 ends after it; CONTACTS=FILE [TITLE= SKILLS= ME= HEADLINE=]
	@$(BIN)/python -m infra.local.setup --kafka
	@$(BIN)/warmpath demo $(if $(ONCE),--once) $(if $(CONTACTS),--contacts "$(CONTACTS)") \
	  $(if $(TITLE),--title "$(TITLE)") $(if $(SKILLS),--skills "$(SKILLS)") \
	  $(if $(ME),--name "$(ME)") $(if $(HEADLINE),--headline "$(HEADLINE)")

up: ## The same under Docker Compose, with a Kafka UI, Prometheus, Grafana and a mail catcher (without Docker: .venv/bin/warmpath up)
	@docker info >/dev/null 2>&1 || { echo "No Docker engine answers here. Without one: make setup && .venv/bin/warmpath up"; exit 1; }
	@[ -f .env ] || bash infra/local/env.sh
	$(COMPOSE) up --build --detach --wait
	@echo "Up. Kafka UI: http://127.0.0.1:8080  mail: http://127.0.0.1:8025  postings: http://127.0.0.1:8101"
	@echo "Prometheus: http://127.0.0.1:9090  Grafana: http://127.0.0.1:3000 (admin, GRAFANA_PASSWORD in .env)"
	@echo "To use the command line with it: make setup && set -a && . ./.env && .venv/bin/warmpath topics list"

down: ## Stop Docker Compose; its data stays (docker compose down --volumes removes it)
	$(COMPOSE) down

logs: ## Follow the services' logs under Docker Compose
	$(COMPOSE) logs --follow postings profiles matching notifications introductions console

screenshots: setup ## Pictures of every page of the console into .warmpath/screenshots, and those that docs show
	@$(BIN)/python -m tests.browser.screenshots

docs: .venv/.complete ## Write docs/api from the lists of topics and metrics and the services; refuses an incompatible change of a schema
	@$(BIN)/python -m shared.messaging.topics.documents
	@$(BIN)/python -m infra.documents

lock: .venv/.complete ## After a change of dependencies in pyproject.toml: pin them again, with hashes
	$(LOCK) -o requirements.txt
	$(LOCK) --extra dev -o requirements-dev.txt
	$(LOCK) --extra bench -o requirements-bench.txt
	$(LOCK) --extra vocabulary -o requirements-vocabulary.txt
	@sed -i '/^warmpath/d' requirements*.txt

kafka-jars-lock: .venv/.complete ## After a change of infra/kafka/pom.xml: write down the jars it brings (look at the diff)
	@$(BIN)/python -m infra.local.setup --lock-jars

clean: ## Remove what was built here (not .venv, not the data in .warmpath)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
