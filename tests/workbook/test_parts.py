"""The package of a workbook as bytes: what is not changed stays as it is, byte for byte."""

import re
import zipfile
from itertools import chain
from pathlib import Path

import openpyxl
import pytest

from ringfence_addin.workbook.gate import WorkbookProblem
from ringfence_addin.workbook.parts import (
    Edit,
    ErrorText,
    attribute_edit,
    cells,
    read_package,
    sheet_parts,
    splice,
    value_edits,
    write_package,
)
from ringfence_templates import TEMPLATES

FOLDER = Path(__file__).parents[2] / "templates"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(rows: str, root: str = f'<worksheet xmlns="{MAIN}">') -> bytes:
    return f"{root}<sheetData>{rows}</sheetData></worksheet>".encode()


def changed(part: bytes, **values: object) -> bytes:
    """The part with the cells at these addresses given these values."""
    edits = (value_edits(part, its, values[its.address]) for its in cells(part))
    return splice(part, chain.from_iterable(edits))


@pytest.mark.parametrize("name", TEMPLATES)
def test_read_and_written_again_every_part_is_the_same(name: str, tmp_path: Path) -> None:
    source, out = FOLDER / f"{name}.xlsx", tmp_path / "out.xlsx"
    write_package(read_package(source), out)
    assert out.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_cells_are_those_that_openpyxl_reads(name: str) -> None:
    path = FOLDER / f"{name}.xlsx"
    package, book = read_package(path), openpyxl.load_workbook(path)
    assert list(sheet_parts(package)) == book.sheetnames
    for title, part in sheet_parts(package).items():
        read = {
            cell.coordinate: cell for row in book[title].iter_rows() for cell in row
        }  # fmt: skip
        for its in cells(package.parts[part]):
            assert (its.formula is not None) == (read[its.address].data_type == "f")
            if its.formula and not its.formula.attributes:
                assert "=" + its.formula.text == read[its.address].value


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ('<c r="A1"><f>1+1</f></c>', 2.0, '<c r="A1"><f>1+1</f><v>2</v></c>'),
        ('<c r="A1"><f>B1</f><v>1</v></c>', "a<b", '<c r="A1" t="str"><f>B1</f><v>a&lt;b</v></c>'),
        ('<c t="str" r="A1"><f>B1</f><v>x</v></c>', 0.1, '<c r="A1"><f>B1</f><v>0.1</v></c>'),
        ("<c r='A1' t = 'e' s='3'><f/><v>#N/A</v></c>", True,
         "<c r='A1' t=\"b\" s='3'><f/><v>1</v></c>"),
        ('<c r="A1"><f>B1</f><v>1</v></c>', ErrorText("#N/A"),
         '<c r="A1" t="e"><f>B1</f><v>#N/A</v></c>'),
        ('<c r="A1"><f>B1</f><v>1</v></c>', "#N/A", '<c r="A1" t="str"><f>B1</f><v>#N/A</v></c>'),
        ('<c r="A1" t="str"><f>B1</f><v/></c>', "x", '<c r="A1" t="str"><f>B1</f><v>x</v></c>'),
        ('<c r="A1"><f>B1</f></c>', "", '<c r="A1" t="str"><f>B1</f><v></v></c>'),
        ('<c r="A1" s="4" />', 5, '<c r="A1" s="4" ><v>5</v></c>'),
        ('<c r="A1" s="4"></c>', 5, '<c r="A1" s="4"><v>5</v></c>'),
        ('<c r="A1" t="inlineStr"><f>B1</f><is><t>x</t></is></c>', 1,
         '<c r="A1"><f>B1</f><v>1</v></c>'),
        ('<c r="A1" t="s"><v>7</v></c>', "seven", '<c r="A1" t="str"><v>seven</v></c>'),
        ('<c r="A1"><f a=">">"&gt;"</f><v>1</v><extLst/></c>', 2,
         '<c r="A1"><f a=">">"&gt;"</f><v>2</v><extLst/></c>'),
        ('<c r="A1"><f>B1</f><v>1</v></c>', "bell\x07 _x0041_",
         '<c r="A1" t="str"><f>B1</f><v>bell_x0007_ _x005F_x0041_</v></c>'),
        ('<c r="A1"><f>B1</f><v>1</v></c>', 57342.727730246595,
         '<c r="A1"><f>B1</f><v>57342.727730246595</v></c>'),
    ],
)  # fmt: skip
def test_a_value_is_put_in_and_nothing_else_changes(
    cell: str, value: object, expected: str
) -> None:
    around = '<row r="1" foo="1">{}</row><!-- <c r="Z9"> -->'
    part = sheet(around.format(cell))
    after = changed(part, A1=value)
    assert after == sheet(around.format(expected))
    (read,) = cells(after)
    assert changed(after, A1=value) == after
    assert read.address == "A1"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1"><f>B1</f><v>1E-05</v></c>', 0.00001),
        ('<c r="A1" t="n"><f>B1</f><v>50.0</v></c>', 50),
        ('<c r="A1" t="str"><f>B1</f><v>never</v></c>', "never"),
        ('<c r="A1" t="b"><f>B1</f><v>0</v></c>', False),
        ('<c r="A1" t="str"><f>B1</f><v></v></c>', ""),
    ],
)
def test_a_value_that_is_there_is_left_alone(cell: str, value: object) -> None:
    part = sheet(f'<row r="1">{cell}</row>')
    assert changed(part, A1=value) is not None
    assert changed(part, A1=value) == part


def test_prefixes_addresses_left_out_and_text_before_the_root() -> None:
    part = (
        "\ufeff<?xml version='1.0' encoding='UTF-8'?>\n<!-- ünï 😀 -->"
        f'<x:worksheet xmlns:x="{MAIN}" xmlns="urn:other"><x:sheetData><c r="B9"/>'
        "<x:row><x:c/><x:c><x:f>1</x:f></x:c></x:row><x:row r='7'><x:c r='AB7'/><x:c/></x:row>"
        "<x:row><x:c/></x:row></x:sheetData><x:c r='C1'/></x:worksheet>"
    ).encode()
    assert [its.address for its in cells(part)] == ["A1", "B1", "AB7", "AC7", "A8"]
    after = changed(part, A1=1, B1=2, AB7=3, AC7=4, A8="ä")
    assert b"<x:c><x:v>1</x:v></x:c><x:c><x:f>1</x:f><x:v>2</x:v></x:c>" in after
    assert '<x:row><x:c t="str"><x:v>ä</x:v></x:c></x:row>'.encode() in after
    stripped = re.sub(b'<x:v>[^<]*</x:v>| t="str"', b"", after)
    assert re.sub(b"(<x:c[^>]*)></x:c>", rb"\1/>", stripped) == part


def test_a_part_of_megabytes() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><f>B{n}</f></c></row>' for n in range(1, 60_001))
    part = sheet(rows)
    assert len(part) > 2**21
    after = changed(part, **{f"A{n}": n for n in range(1, 60_001)})
    assert after == part.replace(b"</f></c>", b"</f>@</c>").replace(b"@", b"<v>%d</v>") % tuple(
        range(1, 60_001)
    )


def test_attributes_are_set_and_removed() -> None:
    part = sheet('<row r="1"><c cm="1" r="A1"/></row>')
    (its,) = cells(part)
    assert b'<c r="A1"/>' in splice(part, [attribute_edit(part, its.tag, "cm", None)])
    assert b'<c cm="2" r="A1"/>' in splice(part, [attribute_edit(part, its.tag, "cm", "2")])
    assert b'<c cm="1" r="A1" s="&lt;"/>' in splice(part, [attribute_edit(part, its.tag, "s", "<")])


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice(b"abcdef", [Edit(0, 3, b""), Edit(2, 4, b"")])


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "document type"),
        (sheet("").decode().encode("utf-16"), "UTF-8"),
        (b"<?xml version='1.0' encoding='latin-1'?><a/>", "latin-1"),
        (b"<a>", "not XML"),
        (sheet('<row r="1"><c r="1A"/></row>'), "a cell at '1A'"),
    ],
)
def test_a_part_whose_cells_cannot_be_told(part: bytes, message: str) -> None:
    with pytest.raises(WorkbookProblem, match=message):
        list(cells(part))


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(WorkbookProblem, match="no part"):
        sheet_parts(read_package(path))
