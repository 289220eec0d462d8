"""Workbooks made to break whoever opens them: each a function that writes one."""

import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from addin.packages import MAIN, of_rows, packed

HEAD = ("venue", "symbol", "side", "size", "entry_price", "leverage")
ROW = ("binance", "BTCUSDT", "long", 1, 60_000, 20)
DDE = "cmd|'/c calc'!A0"
SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
STRINGS, TYPES = "xl/sharedStrings.xml", "[Content_Types].xml"
START, END = f'<worksheet xmlns="{MAIN}"><sheetData>', "</sheetData></worksheet>"
LAUGHS = (
    "<!DOCTYPE a ["
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10 if n else 'ha'}'>" for n in range(12))
    + "]>"
)
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
DECLARED = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">'


def cell(at: str, content: str | float) -> str:
    if isinstance(content, str):
        return f'<c r="{at}" t="inlineStr"><is><t>{content}</t></is></c>'
    return f'<c r="{at}"><v>{content}</v></c>'


def row(number: int, contents: tuple[str | float, ...], **instead: str) -> str:
    """A row; ``instead``: column -> its cell as XML."""
    cells = (
        instead.get(letter, cell(f"{letter}{number}", content))
        for letter, content in zip("ABCDEFGH", contents, strict=False)
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


TABLE = row(1, HEAD) + row(2, ROW)


def large(path: Path, part: str, start: str, piece: str, times: int, end: str) -> Path:
    """A workbook in which a part is one piece many times over."""
    of_rows(path, TABLE)
    parts = {name: content for name, content in _parts(path) if name != part}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open(part, "w", force_zip64=True) as file:
            file.write(start.encode())
            pieces = piece.encode() * 10_000
            for _ in range(times // 10_000):
                file.write(pieces)
            file.write(end.encode())
    return path


def _parts(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def bomb(path: Path) -> Path:
    return large(path, SHEET, START + TABLE, " " * 1000, 600_000, END)


def media_bomb(path: Path) -> Path:
    return large(path, "xl/media/image1.png", "", "\0" * 1000, 600_000, "")


def long_text(path: Path) -> Path:
    return large(
        path, SHEET, f"{START}{TABLE}<row><c><v>", "1" * 1000, 200_000, f"</v></c></row>{END}"
    )


def long_attribute(path: Path) -> Path:
    return large(path, SHEET, f'{START}<row r="', "1" * 1000, 200_000, f'"/>{END}')


def many_strings(path: Path) -> Path:
    return large(path, STRINGS, f'<sst xmlns="{MAIN}">', "<si/>", 5_000_000, "</sst>")


def many_styles(path: Path) -> Path:
    start = f'<styleSheet xmlns="{MAIN}"><cellXfs>'
    return large(path, STYLES, start, "<xf/>", 5_000_000, "</cellXfs></styleSheet>")


def styles_that_pose_as_rows(path: Path) -> Path:
    start = f'<worksheet xmlns="{MAIN}"><cellXfs>'
    return large(path, STYLES, start, "<row><xf/><xf/></row>", 5_000_000, "</cellXfs></worksheet>")


def many_names(path: Path) -> Path:
    start = f'<workbook xmlns="{MAIN}"><sheets/><definedNames>'
    piece = '<definedName name="a">A1</definedName>'
    return large(path, BOOK, start, piece, 2_000_000, "</definedNames></workbook>")


def many_merges(path: Path) -> Path:
    start = f'<worksheet xmlns="{MAIN}"><mergeCells>'
    piece = '<mergeCell ref="A1:B2"/>'
    return large(path, SHEET, start, piece, 3_000_000, f"</mergeCells><sheetData>{TABLE}{END}")


def wide_row(path: Path) -> Path:
    return large(path, SHEET, f"{START}<row>", "<c/>", 5_000_000, f"</row>{END}")


def deep(path: Path) -> Path:
    return large(path, SHEET, START, "<row>", 1_000_000, END)


def many_parts(path: Path) -> Path:
    of_rows(path, TABLE)
    return packed(path, {**dict(_parts(path)), **{f"xl/media/{n}.png": b"" for n in range(20_000)}})


def wide_and_long(path: Path) -> Path:
    """A header of 16,000 columns above 200,000 rows of one cell each."""
    heads = "".join(cell("", name).replace(' r=""', "") for name in HEAD) + "".join(
        f"<c><v>{n}</v></c>" for n in range(16_000)
    )
    return large(
        path, SHEET, f"{START}<row>{heads}</row>", "<row><c><v>1</v></c></row>", 200_000, END
    )


def lies_about_its_size(path: Path) -> Path:
    """The sizes in the list of parts say 10 bytes; the parts hold more."""
    raw = bytearray(of_rows(path, TABLE).read_bytes())
    at = raw.find(b"PK\1\2")
    while at >= 0:
        struct.pack_into("<I", raw, at + 24, 10)
        at = raw.find(b"PK\1\2", at + 1)
    path.write_bytes(raw)
    return path


def encrypted_parts(path: Path) -> Path:
    raw = bytearray(of_rows(path, TABLE).read_bytes())
    raw[raw.find(b"PK\1\2") + 8] |= 1
    path.write_bytes(raw)
    return path


def twice(path: Path) -> Path:
    of_rows(path, TABLE)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(SHEET.upper(), "<worksheet/>")
    return path


def named(name: str) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        of_rows(path, TABLE)
        return packed(path, {**dict(_parts(path)), name: b"x"})

    return write


def truncated(path: Path) -> Path:
    raw = of_rows(path, TABLE).read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    return path


def damaged(path: Path) -> Path:
    """A byte of the packed sheet is another: its checksum tells."""
    raw = bytearray(of_rows(path, TABLE).read_bytes())
    at = raw.find(SHEET.encode()) + len(SHEET) + 40
    raw[at] ^= 0xFF
    path.write_bytes(raw)
    return path


def of_bytes(content: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


def old_excel(path: Path) -> Path:
    return of_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))(path)


# What is refused, and what is said
REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "bomb": (bomb, "unpacks to more than a workbook may hold"),
    "media bomb": (media_bomb, "unpacks to more than a workbook may hold"),
    "long text": (long_text, "bytes in one text"),
    "long attribute": (long_attribute, "bytes in one text"),
    "many strings": (many_strings, "more elements than a workbook may hold"),
    "many styles": (many_styles, "more elements than a workbook may hold"),
    "styles as rows": (styles_that_pose_as_rows, "more elements than a workbook may hold"),
    "many names": (many_names, "more elements than a workbook may hold"),
    "many merges": (many_merges, "more elements than a workbook may hold"),
    "wide row": (wide_row, "elements in one row"),
    "deep": (deep, "nested more than 200 deep"),
    "many parts": (many_parts, "unpacks to more than a workbook may hold"),
    "lies about its size": (lies_about_its_size, "is not a"),
    "encrypted parts": (encrypted_parts, "is encrypted"),
    "one part twice": (twice, "holds one part twice"),
    "a name above": (named("../../evil.xml"), "is no part of a workbook"),
    "a name from the root": (named("/etc/evil.xml"), "is no part of a workbook"),
    "a name of Windows": (named("C:\\evil.xml"), "is no part of a workbook"),
    "truncated": (truncated, "is not an .xlsx workbook"),
    "damaged": (damaged, "is not a"),
    "encrypted, or old Excel": (old_excel, "is encrypted, or an old .xls"),
    "csv": (of_bytes(b"venue,side\nbinance,long\n"), "is not an .xlsx workbook"),
    "picture": (of_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100)), "is not an .xlsx workbook"),
}  # fmt: skip


def with_document_type(path: Path, part: str, declared: str, encoding: str) -> Path:
    """A workbook one part of which declares a document type."""
    parts = dict(_parts(of_rows(path, TABLE)))
    text = parts[part].decode().partition("?>\n")[2] or parts[part].decode()
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return packed(path, {**parts, part: (head + declared + text).encode(encoding)})


XML_PARTS = (
    TYPES, "_rels/.rels", BOOK, "xl/_rels/workbook.xml.rels", SHEET, STYLES,
    "xl/calcChain.xml",
)  # fmt: skip


# What is read, and holds one good row


def a_million_blank_rows(path: Path) -> Path:
    return large(path, SHEET, START + TABLE, "<row/>", 1_000_000, END)


def rows_far_apart(path: Path) -> Path:
    return of_rows(path, TABLE + '<row r="1048576"><c r="ZZZ1048576"><v>1</v></c></row>')


def a_million_strings(path: Path) -> Path:
    start = f'<sst xmlns="{MAIN}">'
    large(path, STRINGS, start, "<si><t>a</t></si>", 1_000_000, "</sst>")
    parts = dict(_parts(path))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    said = f'<Override PartName="/{STRINGS}" ContentType="{kind}"/></Types>'
    parts[TYPES] = parts[TYPES].decode().replace("</Types>", said).encode()
    return packed(path, parts)


def dde(path: Path) -> Path:
    """Formulas that would start a program, and links to other files; the values are in the file."""
    called = f'<c r="E2"><f>{DDE}</f><v>60000</v></c>'
    link = (
        f'<externalLink xmlns="{MAIN}"><ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems>'
        '<ddeItem name="A0"/></ddeItems></ddeLink></externalLink>'
    )
    return of_rows(
        path, row(1, HEAD) + row(2, ROW, E=called), **{"xl/externalLinks/externalLink1.xml": link}
    )


def picture_with_a_document_type(path: Path) -> Path:
    picture = '<!DOCTYPE svg SYSTEM "svg.dtd"><svg xmlns="http://www.w3.org/2000/svg"/>'
    return of_rows(path, TABLE, **{"xl/media/image1.svg": picture})


def zip_within(path: Path) -> Path:
    inner = bomb(path).read_bytes()
    return packed(path, {**dict(_parts(of_rows(path, TABLE))), "xl/embeddings/a.xlsx": inner})


def a_day_in_every_cell(path: Path) -> Path:
    """The name as_of stands for all cells of a sheet."""
    its = dict(_parts(of_rows(path, TABLE)))
    name = '<definedName name="as_of">Sheet1!$A$1:$XFD$1048576</definedName>'
    start, _, end = its[BOOK].decode().partition("<definedNames>")
    return packed(path, {**its, BOOK: f"{start}<definedNames>{name}{end}"})


READ = {
    "a million blank rows": a_million_blank_rows,
    "rows far apart": rows_far_apart,
    "a million strings": a_million_strings,
    "dde": dde,
    "a picture with a document type": picture_with_a_document_type,
    "a zip within": zip_within,
    "a day in every cell": a_day_in_every_cell,
}
