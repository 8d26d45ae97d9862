#!/usr/bin/env bash
# Makes .venv with the locked packages: `venv.sh main` what the service needs, `venv.sh dev` also what tests need,
# `venv.sh bench` also what benches measure beside us. A stamp (.venv/.main, .dev, .bench) is written last, so an interrupted run is
# simply continued by the next one.
set -euo pipefail
cd "$(dirname "$0")/.."
level=$1
say() { printf '%s\n' "$*" >&2; }

case "$(uname -s)" in
    Linux | Darwin) ;;
    *) say "contact-strategy runs on Linux (macOS best effort), not on $(uname -s): use a Linux machine, container or WSL 2"; exit 1 ;;
esac

usable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

# A .venv of another Python, or one whose making was interrupted before pip was in it, is made anew.
if ! [ -x .venv/bin/python ] || ! usable .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=
    for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
        if command -v "$name" >/dev/null && usable "$name"; then python=$name; break; fi
    done
    if [ -z "$python" ]; then
        say "no Python 3.11, 3.12, 3.13 or 3.14 on PATH: install one (Debian, Ubuntu: apt-get install python3 python3-venv)"; exit 1
    fi
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        say "Python $version has no venv module: install it (Debian, Ubuntu: apt-get install python$version-venv)"; exit 1
    fi
    say "making .venv with Python $version"
    rm -rf .venv
    "$python" -m venv .venv
fi

# LightGBM is linked to the OpenMP library of GCC, which small images lack and pip cannot bring. Root installs it here;
# everybody else is told the one command before half a gigabyte is downloaded.
openmp() { .venv/bin/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null; }
if [ "$(uname -s)" = Linux ] && ! openmp; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing libgomp1, which models need (apt-get)"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends -qq libgomp1; } \
            </dev/null >/dev/null || true
    fi
    if ! openmp; then
        say "models need the system library libgomp.so.1, which is not on this machine: install it, then run make again"
        say "  Debian, Ubuntu: sudo apt-get install libgomp1      Fedora, RHEL: sudo dnf install libgomp"
        exit 1
    fi
fi

# Counts packages as pip names them; a line of its own for each tenth where nobody watches a terminal.
progress() {
    local total=$1 count=0 line name
    while IFS= read -r line; do
        case "$line" in
            "Collecting "* | "Processing "* | "Requirement already satisfied: "*)
                count=$((count + 1))
                name=${line#Collecting }; name=${name#Requirement already satisfied: }; name=${name##*/}; name=${name%%[=<> ]*}
                if [ -t 2 ]; then printf '\r\033[K  %d/%d %s' "$count" "$total" "$name" >&2
                elif [ $((count % 10)) = 0 ]; then say "  $count/$total packages"; fi ;;
            "Installing collected packages"*)
                if [ -t 2 ]; then printf '\r\033[K' >&2; fi
                say "  unpacking" ;;
            *ERROR* | *error:*) say "$line" ;;
        esac
    done
}

lock=requirements/$level.lock
total=$(grep -c '^[a-z].*==' "$lock")
began=$SECONDS
say "installing $total locked packages into .venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1
.venv/bin/python -m pip install --require-hashes --no-deps --only-binary :all: -r "$lock" 2>&1 | progress "$total"
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable . 2>&1 | grep -v '^WARNING: Running pip as' >&2 || true
.venv/bin/contact --version >/dev/null || { say "the installation is incomplete: run make clean and try again"; exit 1; }
.venv/bin/python -c 'import lightgbm' || { say "LightGBM does not load on this machine (above): without it no model can be trained"; exit 1; }
touch .venv/.main ".venv/.$level"
say "  done in $((SECONDS - began)) s"
