#!/usr/bin/env bash
# Install LibreOffice Calc (24.8 or newer) with its Python bridge, for tests/calc and look.sh.
#
# Debian 12's own 7.4 does not know our formulas by their plain names in an .xlsx, so there we
# take 25.2 from bookworm-backports. Safe to run again: it does nothing when all is in place.
set -euo pipefail

MINIMUM=24.8
PACKAGES=(libreoffice-calc python3-uno poppler-utils fonts-crosextra-carlito fonts-liberation)
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
BACKPORTS_FILE=/etc/apt/sources.list.d/bookworm-backports.sources
export DEBIAN_FRONTEND=noninteractive

fail() {
    echo "install_libreoffice: $*" >&2
    exit 1
}

# Without the epoch ("4:"), which has nothing to do with LibreOffice's own version.
installed_version() {
    dpkg-query -W -f='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null |
        sed -n 's/^installed \([0-9]*:\)\?//p'
}

candidate_version() {
    apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\?//p'
}

recent() {
    [[ -n $1 && $1 != "(none)" ]] && dpkg --compare-versions "$1" ge "$MINIMUM"
}

in_place() {
    local package
    for package in "${PACKAGES[@]}"; do
        [[ -n $(installed_version "$package") ]] || return 1
    done
    # Two builds in one process crash, so the bridge must be of the very same version.
    recent "$(installed_version libreoffice-calc)" &&
        [[ $(installed_version libreoffice-core) == "$(installed_version python3-uno)" ]]
}

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo DEBIAN_FRONTEND=noninteractive "$@"
    else
        fail "needs root or sudo; ask an administrator to install LibreOffice Calc >= $MINIMUM:" \
            "${PACKAGES[*]}"
    fi
}

install_packages() {
    as_root apt-get install -y -q --no-install-recommends "$@" "${PACKAGES[@]}"
}

add_backports() {
    grep -rqs bookworm-backports /etc/apt/sources.list /etc/apt/sources.list.d && return
    [[ -r $KEYRING ]] || fail "$KEYRING is missing; install debian-archive-keyring first"
    local archive # the mirror that this machine takes bookworm from
    archive=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | head -n 1)
    [[ -n $archive ]] || fail "apt has no source for bookworm to take bookworm-backports from"
    as_root tee "$BACKPORTS_FILE" >/dev/null <<SOURCES
Types: deb
URIs: $archive
Suites: bookworm-backports
Components: main
Signed-By: $KEYRING
SOURCES
}

main() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
        fail "no apt here; install LibreOffice Calc >= $MINIMUM, its Python bridge (uno)," \
            "poppler's pdftoppm, and the fonts Carlito and Liberation"
    if in_place; then
        echo "LibreOffice $(installed_version libreoffice-calc) is already installed"
        return
    fi
    as_root apt-get update -q
    if recent "$(candidate_version libreoffice-calc)"; then
        install_packages
    elif grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; then
        add_backports
        as_root apt-get update -q
        install_packages --target-release bookworm-backports
    else
        fail "this release offers no LibreOffice >= $MINIMUM; install it from libreoffice.org"
    fi
    in_place || fail "apt finished, but not all of these are in place: ${PACKAGES[*]}"
    echo "LibreOffice $(installed_version libreoffice-calc) installed"
}

main
