#!/usr/bin/env bash
# Every check, in the order of what fails fastest; stops at the first failure.
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/.venv/bin:$PATH"

ruff check
ruff format --check
mypy
lint-imports
# By the file: what its tests share is begun once, a browser, a server, a press that is warm. In the order of their names:
# those with few tests and long ones would all come last. One worker more than cores: one of them waits for a server.
pytest -n "$(($(nproc) + 1))" --dist loadfile --no-loadscope-reorder "$@"
