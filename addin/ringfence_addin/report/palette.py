"""The colours of a report, for light and dark pages; text in them is at least 4.5:1 on its ground.

Every colour stands beside a word: nothing is said by colour alone.
"""

from typing import Final, NamedTuple

from ringfence_addin.report.model import Band


class Shade(NamedTuple):
    """One colour on a light page, and on a dark one."""

    light: str
    dark: str


PAGE: Final = Shade("#f4f6f8", "#11161c")
CARD: Final = Shade("#ffffff", "#1a212a")
INK: Final = Shade("#17212b", "#e9eef3")
MUTED: Final = Shade("#56626f", "#a7b3c0")
LINE: Final = Shade("#dde3e9", "#2f3a46")
STRIPE: Final = Shade("#f7f9fa", "#1f2731")
BRAND: Final = Shade("#1d4b6f", "#8cbde6")

BANDS: Final = {
    Band.ALREADY: Shade("#7d0f2b", "#ff8fa6"),
    Band.WITHIN_5: Shade("#b3261e", "#ff8a7d"),
    Band.WITHIN_10: Shade("#b54a08", "#f5a461"),
    Band.WITHIN_20: Shade("#846200", "#e0c060"),
    Band.BEYOND: Shade("#1f6f7a", "#6fc7d1"),
    Band.NEVER: Shade("#56626f", "#a7b3c0"),
}
