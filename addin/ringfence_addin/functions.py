"""The RF_ formulas. Names and argument order are frozen: they live in people's workbooks.

Each is thin: cells in, the core's answer, cells out. A formula never raises: a missing argument
gives #N/A, a wrong one #VALUE!, and a formula that returns a table says why in its first cell or
its status column.
"""

from ringfence_addin.catalogue import FORMULAS
from ringfence_addin.formulas.book import (
    RF_ACCOUNT_RATIO,
    RF_ACCOUNTS,
    RF_CROSS_LIQ_PRICE,
    RF_EXPOSURE,
    RF_HEAT_MAP,
    RF_JOINT_SHOCK,
    RF_RISK,
    RF_STRESS,
    RF_STRESS_ROWS,
    RISK_COLUMNS,
    STRESS_COLUMNS,
    risk_rows,
)
from ringfence_addin.formulas.common import POSITION_DOCS
from ringfence_addin.formulas.position import (
    RF_AUTO_ADD,
    RF_BANKRUPTCY_PRICE,
    RF_COMPARE_MODES,
    RF_FUNDING_DAYS,
    RF_INIT_MARGIN,
    RF_LIQ_DISTANCE,
    RF_LIQ_PATH,
    RF_LIQ_PRICE,
    RF_MAINT_MARGIN,
    RF_MARGIN_RATIO,
    RF_MAX_SIZE,
    RF_STOP_CHECK,
    RF_TOP_UP,
    RF_TOUCH_PROB,
    RF_VENUE_LIQ_PRICE,
    RF_WITHDRAWABLE,
)
from ringfence_addin.formulas.reference import RF_TIERS, RF_VENUES, tiers_table, venues_table

__all__ = [
    "FORMULAS",
    "POSITION_DOCS",
    "RF_ACCOUNTS",
    "RF_ACCOUNT_RATIO",
    "RF_AUTO_ADD",
    "RF_BANKRUPTCY_PRICE",
    "RF_COMPARE_MODES",
    "RF_CROSS_LIQ_PRICE",
    "RF_EXPOSURE",
    "RF_FUNDING_DAYS",
    "RF_HEAT_MAP",
    "RF_INIT_MARGIN",
    "RF_JOINT_SHOCK",
    "RF_LIQ_DISTANCE",
    "RF_LIQ_PATH",
    "RF_LIQ_PRICE",
    "RF_MAINT_MARGIN",
    "RF_MARGIN_RATIO",
    "RF_MAX_SIZE",
    "RF_RISK",
    "RF_STOP_CHECK",
    "RF_STRESS",
    "RF_STRESS_ROWS",
    "RF_TIERS",
    "RF_TOP_UP",
    "RF_TOUCH_PROB",
    "RF_VENUES",
    "RF_VENUE_LIQ_PRICE",
    "RF_WITHDRAWABLE",
    "RISK_COLUMNS",
    "STRESS_COLUMNS",
    "risk_rows",
    "tiers_table",
    "venues_table",
]
