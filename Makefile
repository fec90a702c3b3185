# Two commands: `make run` and `make test`. Each does the set-up itself.
SHELL := /bin/bash
.DEFAULT_GOAL := help
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)

.PHONY: help setup run test soak core-test lint train check coverage report benchmark

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/'

setup: ## install everything into .venv
	@scripts/setup

run: setup ## serve the assistant on http://localhost:5005
	@$(UV) run --no-sync conoce run

test: setup ## all tests
	@scripts/test

core-test: setup ## the tests of the core, without Rasa
	@$(UV) run --no-sync pytest -q tests/core

soak: setup ## what takes long: fuzzing, killing, a million turns, publishing while people ask
	@CONOCE_SOAK=10 scripts/test tests/system/test_twilio.py tests/system/test_widget_restart.py \
		tests/system/test_staff_story.py tests/staff/test_figures_speed.py tests/staff/test_review_speed.py

lint: setup ## style and types
	@scripts/lint

train: setup ## train a new archive
	@$(UV) run --no-sync conoce train

check: setup ## check the questions and answers
	@$(UV) run --no-sync conoce check

coverage: setup ## write docs/coverage.md
	@$(UV) run --no-sync conoce check --page > docs/coverage.md.new && mv docs/coverage.md.new docs/coverage.md

report: setup ## measure, and write evaluation/report.md and report.json
	@$(UV) run --no-sync conoce evaluate --report evaluation evaluation/test.jsonl evaluation/harm.jsonl

benchmark: setup ## measure beside the stock Rasa pipeline (about an hour)
	@$(UV) run --no-sync python -m benchmarks
