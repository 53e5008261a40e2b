#!/usr/bin/env bash
# Every check, in the order of what fails fastest; stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/.venv/bin:$PATH"

ruff check
ruff format --check
mypy
lint-imports
# By the file: what its tests share is begun once, a browser, a server, a press that is warm.
pytest -n auto --dist loadfile "$@"
