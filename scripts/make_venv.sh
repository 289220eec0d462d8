#!/usr/bin/env bash
# Make the virtual environment and install this project into it.
#
#   scripts/make_venv.sh VENV [EXTRA]      EXTRA: dev, for the tests
#
# PYTHON=... chooses the interpreter (3.11 or newer). Where Debian's Python lacks its venv module,
# that package is installed by apt-get (root or sudo).
set -euo pipefail

PYTHON=${PYTHON:-python3}
VENV=$1
EXTRA=${2:-}

fail() {
    echo "make_venv: $*" >&2
    exit 1
}

command -v "$PYTHON" >/dev/null || fail "no $PYTHON; install Python 3.11 or newer, or set PYTHON=..."
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$PYTHON" --version) is too old; set PYTHON= to Python 3.11 or newer"

if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    command -v apt-get >/dev/null || fail "$PYTHON has no venv module; install it"
    run=()
    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || fail "$PYTHON has no venv module; apt-get install python3-venv"
        run=(sudo)
    fi
    "${run[@]}" apt-get update -q
    "${run[@]}" apt-get install -y -q --no-install-recommends python3-venv
fi

[[ -x $VENV/bin/python ]] || "$PYTHON" -m venv "$VENV"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".${EXTRA:+[$EXTRA]}"
