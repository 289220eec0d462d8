"""BloFin USDT-M perpetuals (linear), isolated and cross margin.

Rule
    Margin ratio = (Margin Balance + PnL) / (Maintenance Margin + Transaction fee): "if the margin
    ratio of your contract position is <= 100%, it may lead to a partial reduction or forced
    liquidation": high is safe. Maintenance margin and fee are on the mark value. The whole position
    is at the rate of its tier, by number of contracts.

        LP = (Margin - Side * q * Entry) / [q * (MMR + Taker - Side)]

    Cross: Margin = the balance in USDT + unrealized PnL of the other positions - what they require;
    the initial margin is the MARK value / leverage.

Units
    Size in contracts; q = contracts * contract value in coin (ETH-USDT 0.1, LTC-USDT 1, BCH-USDT
    0.01). Tier bounds in contracts.

Scope
    Inverse contracts are listed, but no text on their margin was found: they are refused. What a
    partial reduction or a liquidation leaves over goes to the insurance fund ("all surpluses"); how
    the reduction goes by tiers, who pays funding and how much margin may be taken out was not
    found. Not modelled: partial reduction by tiers, unified account. ASSUMED for cross: a long and
    a short of one contract share one price, with the margin of each.

Source
    Forced Liquidation Rules, support 8974361202959, read 2026-11-23; tiers as in "BloFin to Adjust
    Position Tiers" (2024-06-28). The documentation's isolated position (ETH-USDT, 2023-09-22)
    reproduces to 18 digits: price, ratio and maintenance margin; a taker fee of 0.06 % with it. So
    does a short (SUI-USDT on the demo host, 2026-09: P1ayer-1/stratbench tests/perpkit) to 16. The
    API prints liquidation prices with 18 decimals (that one, and a BNB-USDT cross position: BloFin.
    Net Subscriptions/Futures/Positions.txt, commit 75a52bd); insurance fund: support 6228151916175;
    read 2026-11-24. A recorded cross position (LTC-USDT, 2024-02-06: ccxt 4.5.90 blofin.py)
    reproduces to 15 digits: price, ratio and both margins.

Terms
    margin -> isolated_margin; marginRatio -> venue_margin_ratio; contractValue -> contract_size.

Since
    No dated change found. ASSUMED: a tier's upper bound belongs to it, as at OKX.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_CROSS: Final = CrossRules(
    pair="sum",
    initial_price="mark",
    confidence="high",
    sources=(
        Source(
            title="Forced Liquidation Rules",
            url="https://support.blofin.com/hc/en-us/articles/8974361202959-Forced-"
            "Liquidation-Rules",
            read=date(2026, 11, 24),
        ),
        Source(
            title="positions (a recorded cross position, ccxt 4.5.90 blofin.py parse_position)",
            url="https://github.com/ccxt/ccxt/blob/master/python/ccxt/blofin.py",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "a long and a short of one contract share one price, with the margin of each",
        "several positions: the others at their marks; the recorded account has one",
        "a tier's upper bound belongs to it",
    ),
    not_modelled=(
        "inverse contracts",
        "collateral in several coins, unified account",
        "partial reduction by tiers",
        "open orders",
    ),
)

RULES: Final = (
    RuleSet(
        venue="blofin",
        product="USDT-M perpetuals",
        contract_types=("linear",),
        size_unit="contracts",
        schedule="slab",
        taker_fee_rate=0.0006,
        trigger_fee="taker_at_mark",
        screen_ratio="balance / requirement",
        screen_ratio_name="Margin ratio",
        price_rounding="none",
        price_decimals=18,
        box=BoxRules(remainder_to="venue"),
        cross=_CROSS,
        confidence="high",
        sources=(
            Source(
                title="Forced Liquidation Rules",
                url="https://support.blofin.com/hc/en-us/articles/8974361202959-Forced-"
                "Liquidation-Rules",
                read=date(2026, 11, 23),
            ),
            Source(
                title="GET account/positions (the API guide's answer, as recorded by an SDK)",
                url="https://github.com/JKorf/BloFin.Net/blob/main/BloFin.Net.UnitTests/"
                "Endpoints/Futures/Trading/GetPositions.txt",
                read=date(2026, 11, 23),
            ),
            Source(
                title="positions channel (a second recorded position, cross)",
                url="https://github.com/JKorf/BloFin.Net/blob/main/BloFin.Net.UnitTests/"
                "Subscriptions/Futures/Positions.txt",
                read=date(2026, 11, 24),
            ),
            Source(
                title="What Is Auto-Deleveraging (ADL) and How Does It Work",
                url="https://support.blofin.com/hc/en-us/articles/6228151916175-What-Is-Auto-"
                "Deleveraging-ADL-and-How-Does-It-Work",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=("a tier's upper bound belongs to it",),
        not_modelled=("inverse contracts", "partial reduction by tiers", "unified account"),
    ),
)
