#!/bin/sh
# Lint, then every test. With arguments: only pytest, with them (tools/test.sh tests/schedules -x).
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python

if [ $# -gt 0 ]; then
    exec "$python" -m pytest "$@"
fi
tools/lint.sh
printf '\n== what the tests need\n'
"$python" -m tests.servers
printf '\n== pytest\n'
# Three on two cores: those of the browser and of whole processes wait a good part of their time.
exec "$python" -m pytest -n 3 --dist worksteal -p tests.timing
