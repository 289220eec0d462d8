"""Writing a report: the suffix chooses, and an error leaves the old file."""

from pathlib import Path

import pytest

from report.books import mixed_book, report_on
from ringfence import InputError
from ringfence_addin.report import SUFFIXES, pdf, render, write

STARTS = {".html": b"<!doctype html>", ".pdf": b"%PDF-", ".xlsx": b"PK"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_suffix_chooses(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"report{suffix.upper()}"
    report = report_on(mixed_book())
    write(report, target)
    assert target.read_bytes() == render(report, suffix)
    assert target.read_bytes().startswith(STARTS[suffix])
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("name", ["report", "report.docx"])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"output: .* \.html, \.pdf, \.xlsx"):
        write(report_on(mixed_book()), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> bytes:
        raise MemoryError

    target = tmp_path / "report.pdf"
    target.write_bytes(b"old")
    monkeypatch.setattr(pdf, "render", fail)
    with pytest.raises(MemoryError):
        write(report_on(mixed_book()), target)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]
