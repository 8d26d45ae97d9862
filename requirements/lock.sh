#!/usr/bin/env bash
# Writes the four locks anew: one resolution with hashes for Python 3.11–3.14, x86_64 and aarch64.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
[ -x "$uv" ] || .venv/bin/python -m pip install --quiet uv
export UV_NO_CONFIG=1
compile=("$uv" pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url
         --no-header --quiet --group build)
"${compile[@]}" -o requirements/main.lock
"${compile[@]}" --group dev -c requirements/main.lock -o requirements/dev.lock
"${compile[@]}" --group dev --group bench -c requirements/dev.lock -o requirements/bench.lock
"$uv" pip compile --group node --universal --python-version 3.11 --generate-hashes --no-header --quiet \
    -o requirements/node.lock
if grep -nE '://|/opt|file:' requirements/*.lock; then echo "a lock names an index or a local path" >&2; exit 1; fi
