#!/usr/bin/env bash
# The checks that need no server, no Java, no browser and no typesetting: under a minute on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/.venv/bin:$PATH"

subjects=(addresses branding disk documents indexes mail_settings problems reasons schedule sources tables treatment)

ruff check
ruff format --check
mypy
lint-imports
pytest -n 2 $(printf "tests/test_%s.py " "${subjects[@]}")
