"""Files are replaced whole or not at all."""

from pathlib import Path

import pytest

from ringfence_templates.files import replacing


def write(path: Path, text: str) -> None:
    with replacing(path) as beside:
        beside.write_text(text)


def test_a_file_is_replaced_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_text("old")
    path.chmod(0o640)
    write(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert [its.name for its in tmp_path.iterdir()] == ["book.xlsx"]


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write(path, "half a \ud800")
    assert path.read_text() == "old"
    assert [its.name for its in tmp_path.iterdir()] == ["book.xlsx"]


def test_what_a_link_leads_to_is_replaced(tmp_path: Path) -> None:
    path, link = tmp_path / "book.xlsx", tmp_path / "latest.xlsx"
    path.write_text("old")
    link.symlink_to(path.name)
    write(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"


@pytest.mark.parametrize("name", ["folder", "no/such/folder.xlsx"])
def test_errors_name_the_file_that_was_asked_for(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / name
    with pytest.raises(OSError) as caught:  # noqa: PT011
        write(path, "new")
    assert caught.value.filename == str(path)
    assert [its.name for its in tmp_path.iterdir()] == ["folder"]
