#!/usr/bin/env bash
# Every check, in the order of what fails fastest; stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/.venv/bin:$PATH"

ruff check
ruff format --check
mypy
lint-imports
# The tests begin hundreds of commands, each of which would be compiled anew where the environment keeps nothing compiled.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="$PWD/build/pycache"
# By the file: what its tests share is begun once, a browser, a server, a press that is warm. In the order that
# tests/conftest.py gives them, not by their number of tests. One worker more than cores: one waits for a server.
pytest -n "$(($(nproc) + 1))" --dist loadfile --no-loadscope-reorder "$@"
