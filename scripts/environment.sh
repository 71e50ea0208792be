#!/bin/sh
# Makes a virtual environment: scripts/environment.sh PYTHON FOLDER. Says in words what a machine lacks.
set -eu
python=$1 folder=$2

if ! command -v "$python" >/dev/null; then
    echo "Photic needs Python 3.11 or newer, got no $python: install it, or name another with make PYTHON=..." >&2
    exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Photic needs Python 3.11 or newer, got $("$python" --version): name another with make PYTHON=..." >&2
    exit 2
fi
[ -x "$folder/bin/python" ] && "$folder/bin/python" -m pip --version >/dev/null 2>&1 && exit 0

rm -rf "$folder"
# Debian ships ensurepip apart (python3-venv); where it is missing, the system's own pip fills the environment.
if "$python" -c 'import ensurepip' 2>/dev/null; then
    "$python" -m venv "$folder"
elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --without-pip "$folder"
    "$python" -m pip --quiet --disable-pip-version-check --python "$folder/bin/python" install pip
else
    echo "Photic needs venv with ensurepip, or pip, for $python: on Debian, apt install python3-venv" >&2
    exit 2
fi
