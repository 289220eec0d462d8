"""LibreOffice Calc: builds the extension `ringfence.oxt` from the catalogue of formulas.

The extension is text only: an .idl with the signatures, a CalcAddIns.xcu with names and help,
and a Python component that imports `ringfence_addin`. The component may carry the folders of that
package and what it needs; else they must be on the path of LibreOffice's Python. The service
`com.sun.star.sheet.AddIn` is left out on purpose: with it LibreOffice ignores the names that let
one workbook serve Excel and Calc.
"""

import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import ringfence
from ringfence_addin.catalogue import Argument, Formula
from ringfence_addin.office.find import MINIMUM
from ringfence_templates.files import replacing
from ringfence_templates.hosts import LITE_PREFIX as EXCEL_PREFIX

# An .ods names a formula by service and method (ORG.RINGFENCE.CALC.ADDIN.RF_RISK): both live in
# people's files, and are frozen like the formulas' own names.
IDENTIFIER = "org.ringfence.calc"
INTERFACE = f"{IDENTIFIER}.XFormulas"
SERVICE = f"{IDENTIFIER}.AddIn"
MINIMUM_LIBREOFFICE = ".".join(map(str, MINIMUM))

# Excel may have stored a formula of ours in an .xlsx by its plain name, or, when it came from a
# custom function, behind EXCEL_PREFIX. LibreOffice takes one such name an entry, so the second one
# is an entry (and a method) of its own, written back to .xlsx as it was read.
ALIAS_METHOD_PREFIX = "XLDUDF_"

_OOR = "http://openoffice.org/2001/registry"
_MANIFEST = "http://openoffice.org/2001/manifest"
_DESCRIPTION = "http://openoffice.org/extensions/description/2006"
_LIBREOFFICE = "http://libreoffice.org/extensions/description/2011"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TIMESTAMP = (2020, 1, 1, 0, 0, 0)

_MEDIA_TYPES = {
    "ringfence.idl": "application/vnd.sun.star.uno-typelibrary;type=RDB",
    "CalcAddIns.xcu": "application/vnd.sun.star.configuration-data",
    "ringfence.components": "application/vnd.sun.star.uno-components",
}


def methods(formula: Formula) -> tuple[str, str]:
    """The methods of the component that compute this formula: its own and its alias's."""
    return formula.name, ALIAS_METHOD_PREFIX + formula.name


def build_oxt(
    destination: Path, formulas: Mapping[str, Formula], search_path: Sequence[Path] = ()
) -> Path:
    """Write the extension; the same formulas and search path give the same bytes.

    ``search_path``: folders in which LibreOffice's Python finds this package and what it needs.
    """
    with replacing(destination) as beside:
        beside.write_bytes(_zip(_parts(formulas.values(), search_path)))
    return destination


def _parts(formulas: Iterable[Formula], search_path: Sequence[Path]) -> dict[str, bytes]:
    formulas = tuple(formulas)
    return {
        "META-INF/manifest.xml": _manifest(),
        "description.xml": _description(),
        "ringfence.idl": _idl(formulas),
        "CalcAddIns.xcu": _calc_add_ins(formulas),
        "ringfence.components": _components(),
        "ringfence_calc.py": _component(search_path),
    }


def _zip(parts: Mapping[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(
                zipfile.ZipInfo(name, _TIMESTAMP), content, compress_type=zipfile.ZIP_DEFLATED
            )
    return buffer.getvalue()


# LibreOffice finds a component by the last name in a module that it loads from the extension.
# The folders go behind LibreOffice's own and the standard library, none of which they may hide, but
# before what else is installed for the same Python: that may be too old for us.
_COMPONENT = """\
import sys

FOLDERS = {folders}
OTHERS = ("site-packages", "dist-packages")

known = [folder.rstrip("/\\\\") for folder in sys.path]
at = next((at for at, folder in enumerate(known) if folder.endswith(OTHERS)), len(known))
sys.path[at:at] = [folder for folder in FOLDERS if folder not in known]

from ringfence_addin.hosts.calc_component import g_ImplementationHelper
"""


def _component(search_path: Sequence[Path]) -> bytes:
    return _COMPONENT.format(folders=ascii(list(map(str, search_path)))).encode()


def _idl(formulas: Iterable[Formula]) -> bytes:
    """The signatures, as a source text; LibreOffice compiles it itself."""
    opening = " ".join(f"module {part} {{" for part in IDENTIFIER.split("."))
    closing = " ".join("};" for _ in IDENTIFIER.split("."))
    lines = [opening, f"interface {INTERFACE.rpartition('.')[2]} {{"]
    for formula in formulas:
        # Declared `any`, a table would arrive as one opaque value.
        result = "sequence<sequence<any> >" if formula.returns_table else "any"
        arguments = ", ".join(
            f"[in] {_argument_type(argument)} {name}"
            for name, argument in zip(_argument_ids(formula), formula.arguments, strict=True)
        )
        lines += [f"    {result} {method}({arguments});" for method in methods(formula)]
    return "\n".join([*lines, "};", closing, ""]).encode()


def _argument_type(argument: Argument) -> str:
    """`any` may be left out and takes a value or a range, but no range that holds an error.

    There the whole table would be Err:504 for one bad cell; a range passed as the object it is
    can be read in spite of errors. Only `any` is optional, and takes a typed value.
    """
    ranged = argument.is_range and not argument.optional and not argument.or_value
    return "com::sun::star::table::XCellRange" if ranged else "any"


def _argument_ids(formula: Formula) -> list[str]:
    """Numbered, since an .idl takes no names in `snake_case`; users see the argument's own."""
    return [f"a{number:02d}" for number, _ in enumerate(formula.arguments, 1)]


def _calc_add_ins(formulas: Iterable[Formula]) -> bytes:
    root = ET.Element(
        "oor:component-data",
        {
            "xmlns:oor": _OOR,
            "xmlns:xs": "http://www.w3.org/2001/XMLSchema",
            "oor:name": "CalcAddIns",
            "oor:package": "org.openoffice.Office",
        },
    )
    functions = _node(
        _node(_node(root, "AddInInfo", replace=False), SERVICE), "AddInFunctions", replace=False
    )
    for formula in formulas:
        own, alias = methods(formula)
        _function(functions, own, formula, formula.name, formula.doc)
        _function(
            functions,
            alias,
            formula,
            EXCEL_PREFIX + formula.name,
            f"{formula.name}, by the name under which Excel stores it. {formula.doc}",
        )
    return _xml(root)


def _function(parent: ET.Element, method: str, formula: Formula, name: str, doc: str) -> None:
    node = _node(parent, method)
    _property(node, "DisplayName", name, "en")
    _property(node, "Description", doc, "en")
    _property(node, "Category", "Add-In")
    _property(node, "CompatibilityName", name, "en")
    parameters = _node(node, "Parameters", replace=False)
    for identifier, argument in zip(_argument_ids(formula), formula.arguments, strict=True):
        parameter = _node(parameters, identifier)
        _property(parameter, "DisplayName", argument.name, "en")
        _property(parameter, "Description", argument.doc, "en")


def _node(parent: ET.Element, name: str, *, replace: bool = True) -> ET.Element:
    node = ET.SubElement(parent, "node", {"oor:name": name})
    if replace:
        node.set("oor:op", "replace")
    return node


def _property(parent: ET.Element, name: str, value: str, language: str | None = None) -> None:
    prop = ET.SubElement(parent, "prop", {"oor:name": name})
    ET.SubElement(prop, "value", {_XML_LANG: language} if language else {}).text = value


def _components() -> bytes:
    """Registers the component unseen: installing needs none of the packages it will import."""
    root = ET.Element("components", {"xmlns": "http://openoffice.org/2010/uno-components"})
    component = ET.SubElement(
        root,
        "component",
        {"loader": "com.sun.star.loader.Python", "uri": "ringfence_calc.py"},
    )
    implementation = ET.SubElement(component, "implementation", {"name": SERVICE})
    ET.SubElement(implementation, "service", {"name": SERVICE})
    return _xml(root)


def _manifest() -> bytes:
    root = ET.Element("manifest:manifest", {"xmlns:manifest": _MANIFEST})
    for path, media_type in _MEDIA_TYPES.items():
        ET.SubElement(
            root,
            "manifest:file-entry",
            {"manifest:media-type": media_type, "manifest:full-path": path},
        )
    return _xml(root)


def _description() -> bytes:
    root = ET.Element(
        "description",
        {"xmlns": _DESCRIPTION, "xmlns:d": _DESCRIPTION, "xmlns:l": _LIBREOFFICE},
    )
    ET.SubElement(root, "identifier", {"value": IDENTIFIER})
    ET.SubElement(root, "version", {"value": ringfence.__version__})
    names = ET.SubElement(root, "display-name")
    ET.SubElement(names, "name", {"lang": "en"}).text = "Ringfence"
    needs = ET.SubElement(root, "dependencies")
    ET.SubElement(
        needs,
        "l:LibreOffice-minimal-version",
        {"value": MINIMUM_LIBREOFFICE, "d:name": f"LibreOffice {MINIMUM_LIBREOFFICE}"},
    )
    return _xml(root)


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"


def main() -> None:
    from ringfence_addin.functions import FORMULAS

    if len(sys.argv) != 2:
        sys.exit("usage: python -m ringfence_addin.hosts.calc ringfence.oxt")
    print(build_oxt(Path(sys.argv[1]), FORMULAS))


if __name__ == "__main__":
    main()
