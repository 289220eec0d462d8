"""Workbooks turned from one host's stored form into another's."""

import re
from datetime import date
from itertools import permutations
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from addin.packages import MAIN, of_rows, packed, unpacked
from ringfence_addin.cli import main
from ringfence_addin.workbook.convert import convert
from ringfence_addin.workbook.gate import WorkbookProblem
from ringfence_addin.workbook.parts import Package, read_package, write_package
from ringfence_templates import TEMPLATES
from ringfence_templates.hosts import Host
from ringfence_templates.package import METADATA as METADATA_OF_OURS
from ringfence_templates.sheet import Book
from ringfence_templates.style import add_styles
from templates.stored import built

SHEET = "xl/worksheets/sheet1.xml"
METADATA = "xl/metadata.xml"
PLAIN = [Host.CLASSIC, Host.CALC]


def package(parts: dict[str, bytes]) -> Package:
    return Package("book.xlsx", dict(parts), {})


def one_cell(cell: str, **parts: bytes) -> Package:
    """A workbook whose sheet has this cell only, in the form of the fixture without metadata."""
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    return package({**unpacked("plain"), SHEET: sheet.encode(), **parts})


def cell_of(its: Package) -> str:
    found = re.search(r"<row[^>]*>(.*)</row>", its.parts[SHEET].decode())
    assert found
    return found[1]


def canonical(part: bytes) -> str:
    """Attributes and lists of types and relations in one order; identifiers left out."""
    root = ET.fromstring(part)
    if root.tag.endswith(("}Types", "}Relationships")):
        for its in root:
            its.attrib.pop("Id", None)
        root[:] = sorted(root, key=ET.tostring)
    return ET.canonicalize(ET.tostring(root))


# Filled workbooks


@pytest.mark.parametrize("name", TEMPLATES)
def test_converted_is_what_fill_writes_for_that_host(name: str, tmp_path: Path) -> None:
    filled = {}
    for host in Host:
        filled[host] = tmp_path / f"{host}.xlsx"
        built(name, tmp_path, host=host).rename(filled[host])
    out = tmp_path / "converted.xlsx"
    for before, after in permutations(Host, 2):
        its = read_package(filled[before])
        convert(its, after)
        write_package(its, out)
        assert out.read_bytes() == filled[after].read_bytes(), (before, after)
        convert(its, before)
        write_package(its, out)
        assert out.read_bytes() == filled[before].read_bytes(), (before, after, before)


@pytest.mark.parametrize("host", list(Host))
def test_the_form_that_it_has_already_is_left_alone(host: Host, tmp_path: Path) -> None:
    its = read_package(built("position_sizer", tmp_path, host=host))
    before = dict(its.parts)
    done = convert(its, host)
    assert its.parts == before
    assert (done.formulas, done.others, done.notes) == ({}, 0, 0)


# Fixtures written by hand


def test_from_plain_to_lite_is_the_fixture() -> None:
    its, wanted = package(unpacked("plain")), unpacked("lite")
    done = convert(its, Host.LITE)
    assert done.formulas == {"Sheet1": 3}
    assert done.others == 4  # formatting, validation, a column of a table, a name
    assert its.parts.keys() == wanted.keys()
    for part in (SHEET, "xl/tables/table1.xml", "xl/workbook.xml", "xl/calcChain.xml"):
        assert its.parts[part] == wanted[part]
    for part, content in wanted.items():
        assert canonical(its.parts[part]) == canonical(content), part
    for host in PLAIN:
        convert(its, host)
        assert its.parts == unpacked("plain")


@pytest.mark.parametrize("host", PLAIN)
def test_from_lite_to_plain_is_the_fixture_but_for_metadata_of_excel(host: Host) -> None:
    its = package(unpacked("lite"))
    convert(its, host)
    kept = {
        part: content
        for part, content in unpacked("lite").items()
        if part in (METADATA, "[Content_Types].xml", "xl/_rels/workbook.xml.rels")
    }
    assert its.parts == {**unpacked("plain"), **kept}
    convert(its, Host.LITE)
    assert its.parts == unpacked("lite")


@pytest.mark.parametrize("host", list(Host))
def test_fill_writes_cells_and_lists_as_the_fixture_has_them(host: Host, tmp_path: Path) -> None:
    book = Book(host)
    add_styles(book.workbook)
    sheet = book.sheet("Sheet1", tab_colour="000000")
    price = 'RF_LIQ_PRICE("binance","BTCUSDT","long",50,A1,,20)'
    sheet.formula("B2", f"={price}", 57342.727730246595, "text")
    sheet.formula("C2", "=A1*2", 120000, "text")
    sheet.array("D2:E3", '=RF_TIERS("binance","BTCUSDT")', [["floor", "rate"], [0, 0.004]], "text")
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.package(date(2026, 11, 23)))
    parts = read_package(path).parts
    wanted = unpacked("lite" if host is Host.LITE else "plain")

    def cells(xml: bytes) -> dict[str, tuple[object, ...]]:
        """Address -> attributes but for the look, formula element, value."""
        return {
            str(its.get("r")): (
                {name: its.get(name) for name in ("t", "cm")},
                [(f.attrib, f.text) for f in its.iter(f"{{{MAIN}}}f")],
                its.findtext(f"{{{MAIN}}}v"),
            )
            for its in ET.fromstring(xml).iter(f"{{{MAIN}}}c")
        }

    ours, theirs = cells(parts[SHEET]), cells(wanted[SHEET])
    for address in ("B2", "C2", "D2", "E2", "D3", "E3"):
        assert ours[address] == theirs[address], address
    assert (METADATA in parts) == (METADATA in wanted)
    if host is Host.LITE:
        assert canonical(parts[METADATA]) == canonical(wanted[METADATA])
        for part, mark in (
            ("[Content_Types].xml", "metadata"),
            ("xl/_rels/workbook.xml.rels", "sheetMetadata"),
        ):
            said, published = (
                [ET.tostring(x) for x in ET.fromstring(canonical(xml)) if mark in str(x.attrib)]
                for xml in (parts[part], wanted[part])
            )
            assert said == published
            assert len(said) == 1


# Formulas one by one


@pytest.mark.parametrize(
    ("plain", "lite"),
    [
        # A name of the host's own behind the prefix is read, and not kept.
        (
            '<c r="A1"><f>RF_RISK(B1)</f></c>',
            '<c r="A1" cm="1"><f t="array" ref="A1">_xldudf_XLW_RF_RISK(B1)</f></c>',
        ),
        # LibreOffice writes quotes as entities, and its arrays with aca.
        (
            '<c r="A1" s="2" t="str"><f aca="false">RF_RISK(&quot;RF_RISK(&quot;&amp;B1)</f></c>',
            '<c r="A1" s="2" t="str" cm="1"><f t="array" aca="false" ref="A1">'
            "_xldudf_RF_RISK(&quot;RF_RISK(&quot;&amp;B1)</f></c>",
        ),
        # Attributes of the formula, and of the cell after cm, stay where they are.
        (
            '<c r="A1" vm="3"><f ca="1">RF_RISK(B1)</f><v>1</v></c>',
            '<c r="A1" cm="1" vm="3"><f t="array" ref="A1" ca="1">_xldudf_RF_RISK(B1)</f>'
            "<v>1</v></c>",
        ),
        # A plain cell would compute with one cell of a range: an array in each host.
        (
            '<c r="A1"><f t="array" ref="A1">SUM(B1:B3*RF_RISK(C1))</f></c>',
            '<c r="A1" cm="1"><f t="array" ref="A1">SUM(B1:B3*_xldudf_RF_RISK(C1))</f></c>',
        ),
        # A formula that several cells share is none that spills.
        (
            '<c r="A1"><f t="shared" ref="A1:A2" si="0">RF_RISK(B1)</f></c>',
            '<c r="A1"><f t="shared" ref="A1:A2" si="0">_xldudf_RF_RISK(B1)</f></c>',
        ),
    ],
)
def test_cells(plain: str, lite: str) -> None:
    its = one_cell(lite, **{METADATA: unpacked("lite")[METADATA]})
    convert(its, Host.CLASSIC)
    assert cell_of(its) == plain
    convert(its, Host.LITE)
    assert cell_of(its) == lite.replace("XLW_", "")


NAMES = unpacked("plain")["xl/workbook.xml"].replace(
    b"</definedNames>",
    b'<definedName name="sizes">Sheet1!$A$1:$A$3</definedName>'
    b'<definedName name="Day">Sheet1!$A$1</definedName></definedNames>',
)


@pytest.mark.parametrize(
    "formula",
    [
        "B1:B3+0*RF_RISK(C1)",
        "SUM(ABS(B1:B3))+RF_RISK(C1)",
        "RF_RISK(SUM(sizes*2))",
        "OWN(RF_RISK(1))",
    ],
)
def test_a_formula_that_computes_with_ranges_stays_plain_or_an_array(formula: str) -> None:
    """Both ways round, from each: a plain cell takes one cell of a range, an array all."""
    record = {METADATA: unpacked("lite")[METADATA], "xl/workbook.xml": NAMES}
    lite = formula.replace("RF_", "_xldudf_RF_")
    for plain_form, lite_form in (
        (f'<c r="A1"><f>{formula}</f></c>', f'<c r="A1"><f>{lite}</f></c>'),
        (
            f'<c r="A1"><f t="array" ref="A1">{formula}</f></c>',
            f'<c r="A1" cm="1"><f t="array" ref="A1">{lite}</f></c>',
        ),
    ):
        its = one_cell(plain_form, **record)
        before = dict(its.parts)
        for _ in range(2):
            assert convert(its, Host.LITE).formulas == {"Sheet1": 1}
            assert cell_of(its) == lite_form
            assert convert(its, Host.LITE).formulas == {}
            assert convert(its, Host.CLASSIC).formulas == {"Sheet1": 1}
            assert its.parts == before


def test_a_name_of_one_cell_is_one_value() -> None:
    its = one_cell('<c r="A1"><f>RF_LIQ_PRICE(Day+1)*day</f></c>', **{"xl/workbook.xml": NAMES})
    before = dict(its.parts)
    convert(its, Host.LITE)
    assert '<c r="A1" cm="1"><f t="array" ref="A1">' in cell_of(its)
    convert(its, Host.CLASSIC)
    assert its.parts == before


def test_a_name_of_another_range_on_another_sheet_is_none_of_one_cell() -> None:
    other = b'<definedName name="day" localSheetId="0">Sheet1!$A$1:$A$2</definedName>'
    names = NAMES.replace(b"</definedNames>", other + b"</definedNames>")
    its = one_cell('<c r="A1"><f>RF_RISK(Day+1)</f></c>', **{"xl/workbook.xml": names})
    convert(its, Host.LITE)
    assert cell_of(its) == '<c r="A1"><f>_xldudf_RF_RISK(Day+1)</f></c>'


def test_a_plain_cell_with_the_prefix_becomes_a_dynamic_array() -> None:
    """As LibreOffice saves a workbook of Lite."""
    its = one_cell('<c r="A1"><f>_xldudf_RF_RISK(B1)</f></c>')
    assert convert(its, Host.LITE).formulas == {"Sheet1": 1}
    assert cell_of(its) == '<c r="A1" cm="1"><f t="array" ref="A1">_xldudf_RF_RISK(B1)</f></c>'
    assert METADATA in its.parts
    assert convert(its, Host.LITE).formulas == {}


def test_each_cell_that_shares_a_formula_is_counted() -> None:
    cells = (
        '<c r="A1"><f t="shared" ref="A1:C1" si="0">RF_RISK(A2)</f></c>'
        '<c r="B1"><f t="shared" si="0"/></c><c r="C1"><f t="shared" si="0"></f></c>'
        '<c r="D1"><f t="shared" ref="D1:E1" si="1">A2*2</f></c>'
        '<c r="E1"><f t="shared" si="1"/></c>'
    )
    its = one_cell(cells)
    assert convert(its, Host.LITE).formulas == {"Sheet1": 3}
    assert cell_of(its) == cells.replace("RF_", "_xldudf_RF_")
    assert convert(its, Host.LITE).formulas == {}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1" t="inlineStr"><is><t>=RF_RISK(B1)</t></is></c>',
        '<c r="A1" t="str"><f>"RF_RISK("&amp;B1&amp;")"</f><v>RF_RISK(1)</v></c>',
        '<c r="A1"><f>RF_OTHER(B1)+MY_RF_RISK(1)+RF_RISK+[1]!RF_RISK(1)</f></c>',
        "<c r='A1'><f>SUM('RF_RISK('!B1:B2,T[[#All],[RF_RISK(]])</f></c>",
        '<c r="A1" cm="1"><f t="array" ref="A1">SUM(B1:B2*2)</f><v>1</v></c>',
        '<c r="A1"><f>_xldudf_RF_OTHER(1)+_xldudf_PRICE(1)</f></c>',
    ],
)
@pytest.mark.parametrize("host", list(Host))
def test_what_is_not_ours_stays(cell: str, host: Host) -> None:
    its = one_cell(cell)
    assert convert(its, host).formulas == {}
    assert cell_of(its) == cell


def test_names_in_small_letters_as_libreoffice_saves_what_it_does_not_know() -> None:
    cell = '<c r="A1"><f>rf_risk(B1)&amp;"rf_risk("</f></c>'
    its = one_cell(cell)
    convert(its, Host.CALC)
    assert cell_of(its) == '<c r="A1"><f>RF_RISK(B1)&amp;"rf_risk("</f></c>'


def test_our_array_becomes_plain_beside_one_of_the_user_that_keeps_its_mark() -> None:
    own = '<c r="B1" cm="1"><f t="array" ref="B1:B2">SORT(C1:C2)</f></c>'
    ours = '<c r="A1" cm="1"><f t="array" ref="A1">_xldudf_RF_RISK(C1)</f></c>'
    its = one_cell(ours + own, **{METADATA: METADATA_OF_OURS.encode()})
    convert(its, Host.CLASSIC)
    assert cell_of(its) == '<c r="A1"><f>RF_RISK(C1)</f></c>' + own
    assert METADATA in its.parts


# Metadata of other kinds

RICH_VALUES = (
    f'<metadata xmlns="{MAIN}"><metadataTypes count="1"><metadataType name="XLRICHVALUE"'
    ' minSupportedVersion="120000" copy="1"/></metadataTypes><futureMetadata name="XLRICHVALUE"'
    ' count="1"><bk><extLst><ext uri="{3e2802c4-a4d2-4d8b-9148-e3be6c30e623}"/></extLst></bk>'
    "</futureMetadata>"
)
VALUES = '<valueMetadata count="1"><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>'
CELLS = '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata>'


@pytest.mark.parametrize(("lists", "mark"), [(VALUES, "1"), (CELLS + VALUES, "2")])
def test_the_record_is_added_to_metadata_that_is_there(lists: str, mark: str) -> None:
    others = (RICH_VALUES + lists).encode()
    its = one_cell('<c r="A1"><f>RF_RISK(B1)</f></c><c r="C1" vm="1"/>', **{METADATA: others})
    before = dict(its.parts)
    convert(its, Host.LITE)
    root = ET.fromstring(its.parts[METADATA])
    tags = [x.tag.rpartition("}")[2] for x in root]
    futures = ["futureMetadata"] * 2
    assert tags == ["metadataTypes", *futures, "cellMetadata", "valueMetadata"]
    kinds, _, future, entries, values = root
    assert [kind.get("name") for kind in kinds] == ["XLRICHVALUE", "XLDAPR"]
    assert future.get("name") == "XLDAPR"
    for its_list in (kinds, future, entries, values):
        assert its_list.get("count") == str(len(its_list))
    assert entries[-1][0].attrib == {"t": "2", "v": "0"}
    assert f'<c r="A1" cm="{mark}"><f t="array" ref="A1">' in cell_of(its)
    convert(its, Host.CALC)
    assert its.parts == before


# The command


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, out = packed(tmp_path / "book.xlsx", unpacked("plain")), tmp_path / "lite.xlsx"
    before = book.read_bytes()
    assert main(["convert", str(book), "--host", "lite", "-o", str(out)]) == 0
    said = "3 formulas on 1 sheet and 4 formulas in names, rules and table columns turned to lite"
    assert capsys.readouterr().out == f"{out}: {said}\n"
    assert book.read_bytes() == before
    assert openpyxl.load_workbook(out)["Sheet1"]["B2"].value.text.startswith("=_xldudf_RF_LIQ")
    assert main(["convert", str(out), "--host", "lite"]) == 0
    assert capsys.readouterr().out == f"{out}: no formula has another form in lite\n"
    assert main(["convert", str(out), "--host", "calc"]) == 0
    assert read_package(out).parts == unpacked("plain")


def test_macros_and_every_other_part_stay(tmp_path: Path) -> None:
    more = {"xl/vbaProject.bin": b"\xd0\xcf macros", "customXml/item1.xml": b"<a>RF_RISK(1)</a>"}
    book = packed(tmp_path / "book.xlsm", {**unpacked("plain"), **more})
    assert main(["convert", str(book), "--host", "lite"]) == 0
    assert {part: read_package(book).parts[part] for part in more} == more


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["book.csv", "--host", "lite"], "book.csv: convert takes a workbook that ends in .xlsx"),
        (["book.xlsx", "--host", "lite", "-o", "a.xlsm"], "a.xlsm: must end in .xlsx"),
        (["none.xlsx", "--host", "lite"], "none.xlsx: No such file"),
        (["bad.xlsx", "--host", "lite"], "bad.xlsx: is not an .xlsx workbook"),
    ],
)
def test_wrong_use_is_one_line(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    packed(tmp_path / "book.xlsx", unpacked("plain"))
    (tmp_path / "bad.xlsx").write_text("venue")
    assert main(["convert", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"ringfence: {says}")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "part",
    [
        f'<metadata xmlns="{MAIN}"/>',
        f'<metadata xmlns="{MAIN}"><metadataTypes count="1"><metadataType name="XLDAPR"/>'
        "</metadataTypes></metadata>",
        METADATA_OF_OURS.replace('t="1"', 't="one"'),
    ],
)
def test_metadata_that_cannot_take_the_record(part: str, tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1"><f>RF_RISK(B1)</f></c></row>'
    book = of_rows(tmp_path / "book.xlsx", row, **{METADATA: part})
    before = book.read_bytes()
    assert main(["convert", str(book), "--host", "lite"]) == 2
    assert book.read_bytes() == before


def test_a_list_of_types_that_cannot_take_the_record() -> None:
    types = unpacked("plain")["[Content_Types].xml"]
    odd = types.replace(b"<Types xmlns=", b"<x:Types xmlns:x=").replace(b"</Types", b"</x:Types")
    its = one_cell('<c r="A1"><f>RF_RISK(B1)</f></c>', **{"[Content_Types].xml": odd})
    with pytest.raises(WorkbookProblem, match="not as Excel writes it"):
        convert(its, Host.LITE)
