"""What the reader must know before trusting the figures."""

from typing import Final

from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.layout import EXPOSURE_LETTER as E
from ringfence_templates.mixed_book.model import Model
from ringfence_templates.ranking import BLANK

_FIRST: Final = f"{layout.CALC}!{E['kind']}{layout.CALC_HEAD + 1}"
_MORE: Final = "has more rows than this workbook computes: see Notes, More rows"
_POOLS: Final = "There are more pools than the sheet Pools has room for: see Notes, More rows"
_ROWS: Final = " of the rows cannot be computed and are left out: see the column check in Positions"
_WALLETS: Final = " of the accounts cannot be used: see the column check in Accounts"
_ERRORS: Final = 'COUNTIF(calc_state,"error")'
# Cross positions that can be computed, and those of the pools that Calc has room for
_SHOWN: Final = "SUM(pool_cross_positions)"  # 0: none, or Ringfence is not loaded
_SHORT: Final = f"AND({_SHOWN}>0,calc_pooled>{_SHOWN})"

FORMULA: Final = (
    f'=IF(LEFT({_FIRST},5)="error",{_FIRST},'
    f'IF(ROWS({layout.TABLE}[venue])>ROWS(calc_rank),"The table {layout.TABLE} {_MORE}",'
    f'IF(ROWS({layout.WALLETS}[venue])>ROWS(acc_row),"The table {layout.WALLETS} {_MORE}",'
    f'IF({_SHORT},"{_POOLS}",'
    f'IF({_ERRORS}=0,"",{_ERRORS}&"{_ROWS}. ")&IF(SUM(acc_used)=COUNTIF(acc_check,"ok"),"",'
    f'SUM(acc_used)-COUNTIF(acc_check,"ok")&"{_WALLETS}.")))))'
)


def warning(model: Model) -> str:
    """The line below the subtitle; '' where there is nothing to say."""
    text = BLANK
    if errors := model.count("Error"):
        text += f"{errors}{_ROWS}. "
    if faulty := sum(its.check != "ok" for its in model.wallets):
        text += f"{faulty}{_WALLETS}."
    return text
