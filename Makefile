# `make setup` makes the environment, `make up` runs Dateline, `make test` checks everything.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
FEEDS ?=
RUNTIME ?= embedded
KAFKA ?= local
SHARED ?= ../shared
SEED ?= 1
FAULTS ?= 200
ARTICLES ?= 5000
JOBS ?= 2
WITH_SERVERS := tests/chaos tests/contract tests/e2e tests/integration
GENERATED_ROOT ?= services/contracts

.DEFAULT_GOAL := help
.PHONY: help setup up kafka kafka-jars test unit lint types contracts check-contracts proto proto-publish requirements bench bench-fetcher chaos eval clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## Make the environment in .venv

$(VENV)/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Dateline needs Python 3.11 or newer; $$($(PYTHON) --version 2>&1) was found. Install it or set PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Could not make $(VENV): install the venv module of your Python (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Installing the pinned packages into $(VENV) (a minute or two the first time) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >$(VENV)/install.log 2>&1 || { cat $(VENV)/install.log; exit 1; }
	@touch $@

up: setup $(if $(filter kafka,$(RUNTIME)),$(if $(filter local,$(KAFKA)),kafka-jars)) ## Run Dateline with the sample newsroom (PORT=8080, FEEDS=deploy/feeds/world.opml for real feeds, RUNTIME=kafka)
	@exec $(BIN)/dateline up --port $(PORT) $(if $(FEEDS),--feeds $(FEEDS)) $(if $(filter kafka,$(RUNTIME)),--kafka $(KAFKA))

kafka: setup kafka-jars ## Run one Apache Kafka for development on this machine
	@exec $(BIN)/dateline kafka

kafka-jars: .kafka/libs/.ready ## Fetch Apache Kafka with Maven (once)

.kafka/libs/.ready: deploy/kafka/pom.xml
	@command -v mvn >/dev/null || { echo "Apache Kafka is fetched with Maven: install Java 17 or newer and Maven (Debian: apt-get install openjdk-17-jre-headless maven), or use a Kafka that runs: make up RUNTIME=kafka KAFKA=host:port."; exit 1; }
	@echo "Fetching Apache Kafka (a minute the first time) ..."
	@mvn --batch-mode --quiet --file deploy/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/.kafka/libs
	@touch $@

test: setup lint types check-contracts unit ## Run every check and test (JOBS=2: tests side by side)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: setup
	$(BIN)/mypy

# Side by side only what needs no server and no time: a machine that is too busy must not fail what waits for processes.
unit: setup $(if $(shell command -v mvn),kafka-jars)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(addprefix --ignore=,$(WITH_SERVERS))
	$(BIN)/python -m pytest $(WITH_SERVERS)

proto: setup ## Generate services/contracts/dateline from proto/
	@rm -rf $(GENERATED_ROOT)/dateline
	@$(BIN)/python -m grpc_tools.protoc -Iproto --python_out=$(GENERATED_ROOT) --mypy_out=quiet:$(GENERATED_ROOT) \
		--plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy proto/dateline/v1/*.proto
	@sed -i -E 's/^from dateline\.v1 /from services.contracts.dateline.v1 /' $(GENERATED_ROOT)/dateline/v1/*.py $(GENERATED_ROOT)/dateline/v1/*.pyi
	@touch $(GENERATED_ROOT)/dateline/__init__.py $(GENERATED_ROOT)/dateline/v1/__init__.py

proto-publish: setup ## Make today's proto/ what later changes may not break
	$(BIN)/buf build proto -o proto/baseline.binpb

check-contracts: setup
	$(BIN)/buf lint proto
	$(BIN)/python -m tests.contract.check_contracts

requirements: ## Pin requirements.txt from pyproject.toml (UPGRADE=1: everything anew)
	$(BIN)/pip-compile --quiet $(if $(UPGRADE),--upgrade) --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --no-header $(foreach extra,fetcher dedup extractor extractor-fr api embedded kafka dev,--extra $(extra)) --output-file requirements.txt pyproject.toml

bench: setup $(if $(shell command -v mvn),kafka-jars) ## Print throughput and latency figures as JSON lines
	@$(BIN)/python -m tests.bench

bench-fetcher: setup ## Print what polling 10,000 feeds costs, and how soon items are found (DATELINE_BENCH_FEEDS=10000)
	@$(BIN)/python -m tests.bench fetching fetching_many detecting

chaos: setup kafka-jars ## Hurt the stages on a real Kafka, hundreds of times, and compare sets (SEED=1 FAULTS=200 ARTICLES=5000)
	@$(BIN)/python -m tests.chaos --seed $(SEED) --faults $(FAULTS) --articles $(ARTICLES)

eval: setup ## Print quality figures on the development data as JSON lines
	@$(BIN)/python -m tests.eval --shared $(SHARED)

clean: ## Remove the environment and caches (data/ stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
