"""The component that LibreOffice loads: one object with a method for every formula.

Imported by LibreOffice's own Python only: `uno`, and the interface read from our .idl, exist
nowhere else.
"""

from typing import Any

import uno
import unohelper

from ringfence_addin.functions import FORMULAS
from ringfence_addin.hosts.calc import INTERFACE, SERVICE, methods
from ringfence_addin.hosts.calc_values import calc_function


def _new(_component: object, _context: object) -> None:
    """LibreOffice passes its component context, which the formulas do not need."""


_body: dict[str, Any] = {
    method: calc_function(formula) for formula in FORMULAS.values() for method in methods(formula)
}
AddIn = type("AddIn", (unohelper.Base, uno.getClass(INTERFACE)), {"__init__": _new, **_body})

g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816 (LibreOffice's name)
g_ImplementationHelper.addImplementation(AddIn, SERVICE, (SERVICE,))
