"""Lighter (zkLighter) perpetuals (linear, USDC), isolated and cross margin.

Rule
    "Maintenance Margin Req := sum of S_i * mark_i * M_i"; "Account Value = Collateral + sum of
    (markPrice_i - avgEntryPrice_i) * position_i"; the isolated box counts its own position and its
    allocated margin only. Liquidation when the account value is below the maintenance requirement,
    at the mark price. One rate a market, whatever the size. No fee stands in the trigger.

        LP long  = (Entry * Size - allocated_margin) / (Size * (1 - M))
        LP short = (Entry * Size + allocated_margin) / (Size * (1 + M))

    Cross: Account Value (cross_asset_value) less the requirements of the other positions, which
    stay at their marks, in place of the box:

        LP = mark - side * (value - sum of requirements) / Size / (1 - side * M)

Units
    Size in coin (1000PEPE: in thousands), money in USDC, fractions in the API in basis points
    (maintenance_margin_fraction 120 = 1.2 %).

Scope
    The box pays its funding, is never topped up, and may be emptied down to initial margin at the
    mark price (a profit counts, but no more than allocated_margin leaves). Liquidation: orders are
    cancelled, then the position is sold at market, with the zero (bankruptcy) price as limit, until
    it is safe, with a fee of up to 1 % of a fill better than that price; what is left is the
    trader's. Below close-out margin (two thirds of the maintenance margin) the insurance fund takes
    position and collateral over at the zero price. Not modelled: unified trading accounts.

Source
    docs.lighter.xyz: perpetual-futures/liquidations-and-insurance-fund, read 2026-11-23; the
    sentence on isolated boxes is proven by a recorded one of 2026-08 (7e-9, its margin printed to
    six decimals), the short side by five recorded cross shorts of that month (1e-12),
    cross also by a long of ETH (ccxt 4.5.90 lighter.py), exact to the last digit.
    Fractions: /api/v1/orderBookDetails as recorded in August 2026. The box: elliottech/
    lighter-prover circuit/src/types/risk_info.rs (new_isolated), liquidation.rs
    (get_available_usdc_collateral), apply_trade.rs (commit 23d1596), transactions/
    l2_update_margin.rs (commit 28ae613), read 2026-11-24.

Terms
    allocated_margin -> isolated_margin (no unrealized PnL in it); maintenance_margin_fraction ->
    mmr; (position_value - side * unrealized_pnl) / position -> entry_price: the API prints
    avg_entry_price rounded to the tick, and a liquidation price computed from it differs in the
    fourth digit.

Since
    No dated change of the rule was found; the fractions changed (SOL: 3.99 % early in 2025).
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step, Withdrawal
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_PROVER: Final = "https://github.com/elliottech/lighter-prover/blob/main/circuit/src"

_CROSS: Final = CrossRules(
    pool="account",
    pair=None,
    confidence="high",
    sources=(
        Source(
            title="Liquidations & Insurance Fund",
            url="https://docs.lighter.xyz/perpetual-futures/liquidations-and-insurance-fund",
            read=date(2026, 11, 24),
        ),
        Source(
            title="GET /api/v1/account (a recorded answer, ccxt 4.5.90 lighter.py fetch_positions)",
            url="https://github.com/ccxt/ccxt/blob/master/python/ccxt/lighter.py",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=("the ratio shown for the account: maintenance requirement / account value",),
    not_modelled=(
        "unified trading accounts",
        "collateral other than USDC",
        "the liquidation fee: charged after the trigger",
    ),
)

RULES: Final = (
    RuleSet(
        venue="lighter",
        product="perpetuals",
        contract_types=("linear",),
        schedule="bracket",
        initial_price="mark",
        taker_fee_rate=0.0,
        screen_ratio="requirement / balance",
        screen_ratio_name="maintenance requirement / account value",
        price_rounding="none",
        box=BoxRules(
            funding_from="box",
            withdrawal=Withdrawal(initial_margin_at="mark", profit_counts=True, profit_stays=True),
            auto_add="none",
            steps=(
                Step(action="cancel_orders"),
                Step(action="close_until_safe"),
                Step(action="take_over", at_equity=2 / 3, price="bankruptcy"),
            ),
            liquidation_fee_rate=0.01,
            liquidation_fee_at_most=True,
            remainder_to="trader",
        ),
        cross=_CROSS,
        confidence="high",
        sources=(
            Source(
                title="Liquidations & Insurance Fund",
                url="https://docs.lighter.xyz/perpetual-futures/liquidations-and-insurance-fund",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Account Types",
                url="https://apidocs.lighter.xyz/docs/account-types",
                read=date(2026, 11, 23),
            ),
            Source(
                title="lighter-prover: types/risk_info.rs, new_isolated",
                url=f"{_PROVER}/types/risk_info.rs",
                read=date(2026, 11, 24),
            ),
            Source(
                title="lighter-prover: transactions/l2_update_margin.rs",
                url=f"{_PROVER}/transactions/l2_update_margin.rs",
                read=date(2026, 11, 24),
            ),
            Source(
                title="lighter-prover: apply_trade.rs, calculate_isolated_margin_change",
                url=f"{_PROVER}/apply_trade.rs",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "the ratio shown for one isolated position: maintenance requirement / account value",
            "allocated_margin as printed holds the funding due: the recorded box reproduces with it"
            " (on chain funding waits beside it until the next trade)",
            "close-out is two thirds of the maintenance fraction in every market",
        ),
        not_modelled=(
            "unified trading accounts",
            "the liquidation fee: charged after the trigger, up to 1 % and never more than the fill"
            " is better than the zero price",
            "the taker fee of premium accounts (0.028 %): it is not in the trigger",
        ),
    ),
)
