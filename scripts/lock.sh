#!/usr/bin/env bash
# Writes requirements-test.lock and requirements.lock from pyproject.toml.
# Versions already locked are kept where they still fit; --upgrade takes the newest.
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.8

uv=.venv/bin/uv
if [[ ! -x $uv ]]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  python3 -m venv "$scratch"
  "$scratch/bin/python" -m pip install --disable-pip-version-check -qq "uv==$UV_VERSION"
  uv=$scratch/bin/uv
fi

compile() {
  "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --no-annotate pyproject.toml "$@"
}

# hatchling needs editables for the `pip install --no-build-isolation -e .` of install.sh.
compile - --extra test --extra bench "$@" --output-file requirements-test.lock <<<"editables"
# The same versions in both, so that what is tested is what runs.
compile --extra desk --constraint requirements-test.lock "$@" --output-file requirements.lock

if grep -n '://' requirements.lock requirements-test.lock; then
  echo "a lock names an address: see the lines above" >&2
  exit 1
fi
