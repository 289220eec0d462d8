"""The colours of a report, for light and dark pages: the workbooks' own on light ones.

Text in them is at least 4.5:1 on its ground, and every colour stands beside a word: nothing is said
by colour alone.
"""

from typing import Final, NamedTuple

from ringfence_addin.report.model import Band
from ringfence_templates import style


class Shade(NamedTuple):
    """One colour on a light page, and on a dark one."""

    light: str
    dark: str


PAGE: Final = Shade(f"#{style.PALE}", "#11161c")
CARD: Final = Shade(f"#{style.WHITE}", "#1a212a")
INK: Final = Shade(f"#{style.INK}", "#e9eef3")
MUTED: Final = Shade(f"#{style.STEEL}", "#a7b3c0")
LINE: Final = Shade(f"#{style.LINE}", "#2f3a46")
BRAND: Final = Shade(f"#{style.NAVY}", "#8cbde6")

# Label cells in workbooks: (text, fill). The six steps go by the traffic light of the templates.
CELLS: Final = {
    Band.ALREADY: style.LIGHT_COLOURS["Liquidated"],
    Band.WITHIN_5: style.LIGHT_COLOURS["Red"],
    Band.WITHIN_10: ("8F3A05", "FBE0CC"),
    Band.WITHIN_20: style.LIGHT_COLOURS["Amber"],
    Band.BEYOND: style.LIGHT_COLOURS["Green"],
    Band.NEVER: style.LIGHT_COLOURS["Never"],
}
# Data bars in workbooks: figures stand on them.
BARS: Final = {
    Band.ALREADY: "C98A97",
    Band.WITHIN_5: "E8938A",
    Band.WITHIN_10: "F0B083",
    Band.WITHIN_20: "E3C872",
    Band.BEYOND: "9CCFAE",
    Band.NEVER: "B9C3CE",
}
BANDS: Final = {
    Band.ALREADY: Shade("#7d0f2b", "#ff8fa6"),
    Band.WITHIN_5: Shade(f"#{style.RED}", "#ff8a7d"),
    Band.WITHIN_10: Shade("#b54a08", "#f5a461"),
    Band.WITHIN_20: Shade("#8a6300", "#e0c060"),
    Band.BEYOND: Shade("#2b7a48", "#7fce9b"),
    Band.NEVER: Shade(f"#{style.STEEL}", "#a7b3c0"),
}
