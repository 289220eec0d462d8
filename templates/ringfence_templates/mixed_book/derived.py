"""What Calc derives from the RF_ formulas: a formula a column."""

from collections.abc import Mapping
from typing import Final

from ringfence_templates import ranking
from ringfence_templates.mixed_book import layout
from ringfence_templates.mixed_book.layout import CALC_LETTER as C
from ringfence_templates.mixed_book.layout import INPUTS
from ringfence_templates.mixed_book.layout import POOL_LETTER as P
from ringfence_templates.mixed_book.layout import RISK_LETTER as R
from ringfence_templates.mixed_book.model import BANKRUPT_KEY, INVERSE_VENUE, NO_ANSWER
from ringfence_templates.package import Value
from ringfence_templates.positions_sheet import of_row
from ringfence_templates.ranking import BLANK, KEY_DIGITS

# Section of RF_EXPOSURE -> name of the cell that says where it starts
STARTS: Final = {"coin": "coin_start", "venue": "venue_start", "top-up": "top_up_start"}

LOOKS: Final = {
    "away": "percent",
    "box_away": "percent",
    "pool_away": "percent",
    "mark_price": "price",
    "notional": "money",
    "unrealized_pnl": "money",
    "max_loss": "money",
    "left_to_lose": "money",
    "liquidation_price": "price",
    "bankruptcy_price": "price",
    "liquidation_distance": "percent",
    "margin_ratio": "percent",
    "settle_price": "price",
    "boxed": "money",
    "box": "money",
    **dict.fromkeys(
        ("mode", "state", "light", "status", "rule", "contract_type", "settle_currency",
         "rule_venue", "account", "house", "venue", "currency", "check"),
        "text",
    ),
}  # fmt: skip

SPARE: Final[Mapping[str, Value]] = {
    **dict.fromkeys(layout.CALC_COLUMNS, BLANK),
    **dict.fromkeys(("used", "box"), 0),
}


def row_formulas() -> Mapping[str, str]:
    """The columns calc_..., with {r} for the sheet's row."""
    row = f"${C['row']}{{r}}"
    cell = {name: f"{letter}{{r}}" for name, letter in C.items()}
    risk = {name: f"{letter}{{r}}" for name, letter in R.items()}
    entry, mark = of_row("entry_price", row), of_row("mark_price", row)
    unused = f"{cell['used']}=0"
    blank, none = f'{cell["state"]}=""', f'OR({cell["state"]}="",{cell["state"]}="error")'
    in_dollars = f'=IF(ISNUMBER({risk["settle_price"]}),{{figure}}*{risk["settle_price"]},"")'
    inputs_row = f"INDEX({layout.TABLE}[[{INPUTS[0]}]:[{INPUTS[-1]}]],{row},0)"
    venue = f"LOWER(TRIM({of_row('venue', row)}))"
    ((listed, apart),) = INVERSE_VENUE.items()
    away, ratio = cell["away"], risk["margin_ratio"]
    return {
        "used": f"=IFERROR(IF(COUNTA({inputs_row})>0,1,0),0)",
        "mode": (
            f'=IF({unused},"",IF(LEFT(LOWER(TRIM({of_row("margin_mode", row)})),5)="cross",'
            '"cross","isolated"))'
        ),
        **ranking.formulas(cell, risk, row),
        "mark_price": f'=IF({none},"",IF(OR({mark}="",{mark}=0),{entry},{mark}))',
        "notional": in_dollars.replace("{figure}", risk["notional"]),
        "unrealized_pnl": in_dollars.replace("{figure}", risk["unrealized_pnl"]),
        "max_loss": in_dollars.replace("{figure}", risk["max_loss"]),
        # A box cannot lose more than it holds.
        "left_to_lose": (
            f'=IF(AND({cell["mode"]}="isolated",ISNUMBER({risk["settle_price"]})),'
            f'MAX(0,{risk["margin_balance"]})*{risk["settle_price"]},"")'
        ),
        "box_away": f'=IF({cell["mode"]}="isolated",{away},"")',
        "pool_away": f'=IF({cell["mode"]}="cross",{away},"")',
        "box": f'=IF({cell["mode"]}="isolated",N({cell["max_loss"]}),0)',
        "rule_venue": (
            f'=IF({unused},"",IF(AND({venue}="{listed}",{risk["contract_type"]}&""="inverse"),'
            f'"{apart}",{venue}))'
        ),
        "account": f'=IF({unused},"",LOWER(TRIM({of_row("account", row)})))',
        "house": (
            f'=IF({unused},"",IF(SUMPRODUCT((acc_venue={cell["rule_venue"]})'
            f'*((acc_account={cell["account"]})+({cell["account"]}="")>0))>0,'
            f'{cell["rule_venue"]},IF({cell["rule_venue"]}="{apart}","{listed}",'
            f"{cell['rule_venue']})))"
        ),
        "light": (
            f'=IF({blank},"",IF({cell["state"]}="already","Liquidated",'
            f'IF({cell["state"]}="never","Never",IF({cell["state"]}="error","Error",'
            f"IF(OR({away}<{layout.RED_DISTANCE},N({ratio})>={layout.RED_RATIO}),"
            f'"Red",IF(OR({away}<{layout.AMBER_DISTANCE},AND({cell["mode"]}="cross",'
            f'N({ratio})>={layout.AMBER_RATIO})),"Amber","Green"))))))'
        ),
        "status": (f'=IF({unused},"",IF({risk["status"]}="","{NO_ANSWER}",{risk["status"]}&""))'),
    }


def pool_formulas() -> Mapping[str, str]:
    """The columns pool_... beside those of RF_ACCOUNTS, with {r} for the sheet's row."""
    cell = {name: f"{letter}{{r}}" for name, letter in P.items()}
    ratio, none = cell["margin_ratio"], f'{cell["margin_ratio"]}=""'
    return {
        "key": (
            f'=IF({none},"",IF(ISNUMBER({ratio}),-ROUND({ratio},{KEY_DIGITS}),{BANKRUPT_KEY:.0f}))'
        ),
        "rank": (
            f'=IF({none},"",SUMPRODUCT((pool_key<{cell["key"]})'
            f"+(pool_key={cell['key']})*(pool_row<{cell['row']}))+1)"
        ),
        "light": (
            f'=IF({none},"",IF(NOT(ISNUMBER({ratio})),"Liquidated",IF({ratio}>=1,"Liquidated",'
            f'IF({ratio}>={layout.RED_RATIO},"Red",'
            f'IF({ratio}>={layout.AMBER_RATIO},"Amber","Green")))))'
        ),
    }
