#!/usr/bin/env bash
# Every check, in the order of what fails fastest; stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/.venv/bin:$PATH"

ruff check
ruff format --check
mypy
lint-imports
pytest -n auto "$@"
