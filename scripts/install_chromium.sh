#!/usr/bin/env bash
# Install Debian's Chromium and its driver, for tests/server. As root or with sudo; safe to run again.
set -euo pipefail

fail() {
    echo "install_chromium: $*" >&2
    exit 1
}

if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then
    echo "Chromium is already installed"
    exit
fi
command -v apt-get >/dev/null || fail "no apt here; install Chromium and its chromedriver"
run=(env DEBIAN_FRONTEND=noninteractive)
if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || fail "needs root or sudo to install chromium chromium-driver"
    run=(sudo "${run[@]}")
fi
"${run[@]}" apt-get update -q
"${run[@]}" apt-get install -y -q --no-install-recommends chromium chromium-driver
