"""MEXC USDT-margined perpetuals (linear), isolated and cross margin.

Rule
    "Position Margin + Unrealized P&L <= Maintenance Margin + Liquidation Fees", at the fair price.
    Maintenance margin is fixed at entry, the liquidation fee is counted on the value at the price:

        MM = Entry * q * MMR(level)
        LP long  = (Entry * q * (1 + MMR) - Margin) / (q * (1 - liquidation fee rate))
        LP short = (Entry * q * (1 - MMR) + Margin) / (q * (1 + liquidation fee rate))

    The level follows the number of contracts; the whole position is at its rate. The blog's formula
    leaves the fee out ("Commission excluded"): 48,200 for 0.1 BTC at 50,000, 25x, 0.4 %.

    Position margin = Entry * q / Leverage + Taker fee * Entry * q: the fee for closing is put into
    the box at opening, at the account's rate before discounts; none in a zero-fee account.

    Cross: "Equity in cross margin account" (without isolated margin and PnL, and without all order
    margin) <= maintenance margins + liquidation fees: margin rate 100 %. Long and short legs of one
    contract need the margin of each.

Units
    Size in contracts (BTC_USDT 0.0001 BTC, ETH_USDT 0.01). isolated_margin is the API's `im`, with
    the fee that was put in. Displayed prices of longs are cut to the tick.

Scope
    Not modelled: coin-margined contracts, auto margin in the price. ASSUMED for cross, whose price
    formula was not found: maintenance margin at entry as in a box, the others at their marks, one
    price for both legs.
    Box: above level 1, "part of the positions at the current tier will be taken over ... and
    liquidated at the bankruptcy price so as to reduce the risk limit tier"; at level 1 all of it.
    Auto Margin Addition, if switched on, cancels the contract's opening orders, then adds "the
    amount required to meet the maintenance margin", at most 100 times. Not found: who pays
    funding, how much margin may be taken out.

Source
    Liquidation and Risk Limit (mexc.com/support/articles/360044646391), Liquidation in futures
    (blog.mexc.fm/liquidation-in-futures-2), API docs: Get Contract Info, Get Open Positions, Get
    Historical Positions, read 2026-11-23. Five longs of 2021-01 to 2025-10 reproduce to the tick.
    Of the box: FAQ on Liquidation (2025-03-21), How to Use the Auto Margin Addition (2025-09-29),
    read 2026-11-24. Of cross: About Liquidation (announcement), support 360044646251, read
    2026-11-24.

Terms
    im -> isolated_margin; mmr (riskLimitCustom) -> mmr; liquidationFeeRate (0.0004).

Since
    The records of 2021 and 2025 obey one formula (2021: fees 0.06 %).
"""

from datetime import date
from typing import Final

from ringfence.box_rules import AutoAdd, BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_CROSS: Final = CrossRules(
    pair="sum",
    confidence="medium",
    sources=(
        Source(
            title="Support 360044646251 (long and short each need the margin of their risk level)",
            url="https://www.mexc.com/support/articles/360044646251",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "the price: where the cross equity meets maintenance margins and liquidation fees, the"
        " others at their marks (no formula and no record was found)",
        "maintenance margin at entry, as in isolated margin",
        "a long and a short of one contract share one price, with the margin of each",
        "liquidation fee 0.04 %: BTC_USDT's; other contracts' may differ",
    ),
    not_modelled=(
        "coin-margined contracts",
        "order margin: take it off wallet_balance",
        "long and short closed against each other before anything is taken over",
    ),
)

RULES: Final = (
    RuleSet(
        venue="mexc",
        product="USDT-margined perpetuals",
        contract_types=("linear",),
        size_unit="contracts",
        schedule="slab",
        maintenance_price="entry",
        taker_fee_rate=0.0004,  # the liquidation fee: the one that the trigger holds
        trigger_fee="taker_at_mark",
        screen_ratio="requirement / balance",
        screen_ratio_name="MMR (margin ratio)",
        price_rounding="down",
        box=BoxRules(
            auto_add=AutoAdd(amount="shortfall"),
            steps=(
                Step(action="step_down", price="bankruptcy", repeats=True),
                Step(action="take_over", price="bankruptcy"),
            ),
            remainder_to="venue",
        ),
        cross=_CROSS,
        confidence="high",
        sources=(
            Source(
                title="Liquidation and Risk Limit",
                url="https://www.mexc.com/support/articles/360044646391",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Liquidation in futures",
                url="https://blog.mexc.fm/liquidation-in-futures-2",
                read=date(2026, 11, 23),
            ),
            Source(
                title="API: Get Contract Info; Get Open Positions",
                url="https://www.mexc.com/api-docs/futures/market-endpoints/get-contract-info",
                read=date(2026, 11, 23),
            ),
            Source(
                title="FAQ on Liquidation for Futures Trading",
                url="https://mexc.com/learn/article/17827791522308",
                read=date(2026, 11, 24),
            ),
            Source(
                title="How to Use the Auto Margin Addition Function",
                url="https://www.mexc.com/en-GB/learn/article/"
                "how-to-use-the-auto-margin-addition-function/1",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "a short follows the long by the official short formula: no short was found",
            "liquidation fee 0.04 %: BTC_USDT's; other contracts' may differ (CLO_USDT 0.02 %)",
            "no opening fee in the box: records of 2025 hold a reserve of 0, 0.04 and 0.08 %",
            "a short's price is cut to the tick as a long's is: no short was found",
            "auto margin lifts the box just above the requirement; the page may mean the whole"
            " maintenance margin again; its end after 100 additions is left out",
            "nothing is left to the trader: it follows from the take-over at the bankruptcy price",
        ),
        not_modelled=(
            "coin-margined contracts",
            "auto margin: the liquidation price is the one before it acts",
        ),
    ),
)
