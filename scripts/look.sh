#!/usr/bin/env bash
# Turn a workbook, a document or a page into a PDF and one PNG a page, to look at it.
#
#   scripts/look.sh FILE(.xlsx|.ods|.csv|.pdf|.html) OUTDIR
#
# DPI=150 for finer pictures (default 80). Formulas of ours show what is cached in the file.
set -euo pipefail

fail() {
    echo "look: $*" >&2
    exit 1
}

[[ $# -eq 2 ]] || fail "give a file and an output folder"
[[ -f $1 ]] || fail "no file $1"
mkdir -p "$2"
source=$(realpath "$1")
outdir=$(realpath "$2")
name=$(basename "${source%.*}")
pdf=$outdir/$name.pdf
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A profile of its own: a running LibreOffice would otherwise take the job and ignore us.
from_office() {
    command -v soffice >/dev/null || fail "no LibreOffice; run scripts/install_libreoffice.sh"
    timeout 120 soffice "-env:UserInstallation=file://$scratch/profile" --headless --norestore \
        --convert-to pdf --outdir "$outdir" "$source" >"$scratch/log" 2>&1 ||
        fail "LibreOffice could not convert $1: $(tail -1 "$scratch/log")"
}

from_browser() {
    local browser
    browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
        fail "no Chromium to print a page with"
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --no-pdf-header-footer \
        "--user-data-dir=$scratch/profile" "--print-to-pdf=$pdf" "file://$source" \
        >"$scratch/log" 2>&1 || fail "Chromium could not print $1: $(tail -1 "$scratch/log")"
}

case ${source,,} in
    *.pdf) [[ $source == "$pdf" ]] || cp "$source" "$pdf" ;;
    *.htm | *.html) from_browser ;;
    *) from_office ;;
esac
[[ -s $pdf ]] || fail "no PDF came out of $1"

rm -f "$outdir/$name"-*.png
pdftoppm -r "${DPI:-80}" -png "$pdf" "$outdir/$name"
ls "$outdir/$name".pdf "$outdir/$name"-*.png
