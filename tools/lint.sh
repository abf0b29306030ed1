#!/bin/sh
# Everything a machine can say about the code without running it.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH

step() { printf '\n== %s\n' "$*"; "$@"; }

step ruff check .
step ruff format --check .
step mypy
step lint-imports --no-logo
step djlint templates --lint --quiet
step python tools/wishes.py
step python tools/figures.py
