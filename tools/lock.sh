#!/bin/sh
# Write requirements.txt and requirements-dev.txt: one set of pins for every platform and Python.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH

compile() {
    uv pip compile --quiet --universal --generate-hashes --no-strip-extras --python-version 3.11 --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock" pyproject.toml "$@"
}

compile --output-file requirements.txt
# The same versions as in production, plus the tools.
compile --extra dev --constraint requirements.txt --output-file requirements-dev.txt
