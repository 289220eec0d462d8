"""Kraken Derivatives: coin-M (inverse) and multi-collateral (linear) perpetuals and futures.

Rule
    "Positions begin this process once the portfolio value (i.e., equity) of a margin account falls
    below Maintenance Margin threshold", at the mark price. Maintenance margin is half the initial
    margin of the level that holds the position's size, on the value at the MARK price.

        LP inverse = Size * (Side + MMR) / (Margin + Side * Size / Entry)
        LP linear  = (Margin - Side * Size * Entry) / (Size * (MMR - Side))

    The official example (1,000 USD long at 8,000, 0.01 BTC, 1 %) gives 7481 only so; with the
    maintenance margin at entry it would be 7476.6. No fee stands in the trigger.

    Cross: the wallet's equity against the sum of the margins, one wallet a coin (coin-M), one in
    USD (multi-collateral; isolated positions are outside). A perpetual against a fixed maturity of
    one underlying counts max(margin long, margin short), for initial and maintenance margin.

Units
    Inverse: 1 contract = 1 USD, money in the coin, levels in contracts. Linear: 1 contract = 1
    coin, money in USD, levels in USD.

Scope
    Coin-M wallets are cross over the contracts of one coin: a wallet with one position stands for
    the box (margin_mode cross takes several). Multi-collateral: cross or isolated. Not modelled:
    haircuts and conversion of collateral that is not USD, netting of maturities (both are counted,
    so that the price lies nearer than Kraken's), partial liquidation (multi-collateral, since
    2026-03-26, with a fee; steps and fee lay beyond the stored part of the page), levels of retail
    clients (50 % / 25 % coin-M), the EEA cap of 10x.
    Coin-M: funding settles into the wallet each hour; below the initial margin risk-adding orders
    are cancelled; below the maintenance margin an immediate-or-cancel order closes the position
    with the bankruptcy price as its limit, then assignment, then unwind. "If your position closes
    at a better price ... you keep any remaining margin."

Source
    Equity Protection Process (support.kraken.com 360022835671, updated 2026-03-17), Inverse
    Futures Margin Schedule (15579128794772), Multi-Collateral Futures Margin Schedule
    (360022632452), Margining & Liquidations (4844463246100), read 2026-11-23. Leverage & Margining
    Summary (360022835651), Inverse Perpetual Contract Specifications (360022835911), read
    2026-11-24; of cross: 4871883902612, 4844463246100, read 2026-11-24.

Terms
    initialMargin, maintenanceMargin of a marginLevel -> 1 / max_leverage, maintenance_margin_rate.

Since
    The example is the same from 2019 to 2026. ASSUMED: slabs (the whole position at its level's
    rate), the linear level picked by the value at mark.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_HELP: Final = "https://support.kraken.com/articles"
_COMMON: Final[dict[str, Any]] = {
    "venue": "kraken",
    "size_unit": "contracts",
    "schedule": "slab",
    "taker_fee_rate": 0.0005,
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "maintenance margin / margin equity",
}
_EPP: Final = Source(
    title="Equity Protection Process",
    url=f"{_HELP}/360022835671-Equity-Protection-Process",
    read=date(2026, 11, 23),
)

_CROSS: Final[dict[str, Any]] = {
    "pair": "larger",
    "sources": (
        Source(
            title="Equity Protection Process",
            url=f"{_HELP}/360022835671-Equity-Protection-Process",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Support 4871883902612 (wallets and netting)",
            url=f"{_HELP}/4871883902612",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Margining & Liquidations",
            url=f"{_HELP}/4844463246100",
            read=date(2026, 11, 24),
        ),
    ),
}
_NETTING: Final = (
    "netting of a perpetual and a maturity of one underlying (the larger side's margin): both are"
    " counted; of one contract it is modelled"
)

RULES: Final = (
    RuleSet(
        **_COMMON,
        product="coin-M (single-collateral) perpetuals and futures",
        contract_types=("inverse",),
        cross=CrossRules(
            **_CROSS,
            confidence="high",
            assumed=(
                "slabs: the whole position at its level's rate",
                "several positions: the others at their marks; the official example has one",
            ),
            not_modelled=("retail levels (50 % / 25 %)", _NETTING, "open orders"),
        ),
        box=BoxRules(
            funding_from="box",
            steps=(
                Step(action="cancel_orders"),
                Step(action="close"),
                Step(action="take_over", price="bankruptcy"),
            ),
            remainder_to="trader",
        ),
        confidence="high",
        sources=(
            _EPP,
            Source(
                title="Inverse Futures Margin Schedule & Maximum Leverage",
                url="https://support.kraken.com/hc/en-us/articles/15579128794772",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Leverage & Margining Summary",
                url="https://support.kraken.com/hc/en-us/articles/360022835651",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Inverse Crypto-Collateral Perpetual Contract Specifications",
                url="https://support.kraken.com/hc/en-us/articles/360022835911",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "slabs: the whole position at its level's rate",
            "a wallet with one position is the box: coin-M has no isolated margin",
            "assignment and unwind leave nothing: at the bankruptcy price",
            "taker fee 0.05 %: third-party; it is not in the trigger",
        ),
        not_modelled=(
            "retail levels (50 % / 25 %)",
            "several contracts of one coin: give margin_mode cross",
        ),
    ),
    RuleSet(
        **_COMMON,
        product="multi-collateral perpetuals and futures",
        label="kraken_multi",
        contract_types=("linear",),
        cross=CrossRules(
            **_CROSS,
            pool="account",
            confidence="low",
            assumed=(
                "maintenance margin at the mark, as proven for coin-M: the pages say 'at entry'",
                "slabs: the whole position at its level's rate, picked by the value at mark",
                "the others at their marks",
            ),
            not_modelled=(
                "collateral other than USD: give wallet_balance in dollars after haircuts",
                _NETTING,
                "open orders",
                "partial liquidation (since 2026-03-26)",
            ),
        ),
        box=BoxRules(remainder_to="trader"),
        confidence="low",
        sources=(
            _EPP,
            Source(
                title="Multi-Collateral Futures Margin Schedule & Maximum Leverage",
                url="https://support.kraken.com/hc/en-us/articles/360022632452",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=(
            "maintenance margin at the mark, as proven for coin-M: the schedule pages of both say "
            "'based on the value of the collateral currency at entry price'",
            "slabs: the whole position at its level's rate, picked by the value at mark",
            "the trader keeps what a liquidation leaves: the page says so under coin-M",
            "taker fee 0.05 %: third-party; it is not in the trigger",
        ),
        not_modelled=(
            "collateral other than USD: haircuts and conversion",
            "netting of maturities",
            "partial liquidation (since 2026-03-26)",
        ),
    ),
)
