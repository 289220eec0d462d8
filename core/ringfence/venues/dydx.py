"""dYdX Chain (v4) perpetuals (linear, USDC), isolated and cross: a subaccount is the pool.

Rule
    "accounts whose total value falls below their maintenance margin requirement may have their
    positions automatically closed": MMR = |size * oracle price * MMF|; the subaccount is
    liquidatable where MMR > 0 and MMR > total net collateral. No fee in the trigger.

        p' = (e - s * p) / (|s| * MMF - s)

    with e the equity now, s the signed size, p the oracle price now. The maintenance fraction is a
    constant of the market, whatever the size. Cross: several positions in one subaccount (0 to
    127); e is the equity less the maintenance margins of the others (the front end's formula).

Units
    Size in coin, money in USDC. The price is the oracle's. isolated_margin = equity of the
    subaccount - unrealized PnL.

Scope
    A subaccount with one position is the box (a market of type ISOLATED needs a subaccount of its
    own); funding is settled in it, nothing is added to it ("manually adjust their collateral").
    Taken out may be what leaves equity at oracle value / leverage chosen (the app: / 99 % of it).
    Liquidation: 10 % of the position a block, at least 1,000 and at most 100,000 USDC, until it is
    safe, at a limit ("fillable") price; a fee of up to 1.5 % of what is closed, never more than its
    share of the equity; the rest stays the trader's. Equity below zero: deleveraged at bankruptcy.
    Not modelled: the initial fraction growing with the market's open interest, dYdX v3. A
    subaccount is an account: each has a wallet of its own.

Source
    Liquidations (docs, concepts/trading/liquidations); dydxprotocol/v4-chain
    protocol/lib/margin/risk.go; the front end's own tests (v4-abacus V4CalculationTests: 927.835
    long, 1067.961 short), read 2026-11-23. Fractions: indexer, 2025-12-08. The box: v4-chain
    protocol/x/clob/keeper/liquidations.go (commit 014223b), its limits as set at genesis (Trading
    Core); v4-web src/bonsai/forms/adjustIsolatedMargin.ts (commit 18f714f); Output.tsx (commit
    0158bb5) rounds a price half up to the tick; read 2026-11-24.

Terms
    maintenanceMarginFraction -> mmr; equity - unrealized PnL -> isolated_margin.

Since
    No dated change was found. Taker fee 0.05 %: third-party. That the leverage chosen counts when
    margin is withdrawn came with v4-chain pull request 3153 (October 2025); before, only the
    market's initial fraction did. ASSUMED: the limits of genesis are still in force.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step, Withdrawal
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_CROSS: Final = CrossRules(
    pool="account",
    pair=None,
    confidence="high",
    sources=(
        Source(
            title="Liquidations",
            url="https://dydx-documentation-six.vercel.app/concepts/trading/liquidations",
            read=date(2026, 11, 24),
        ),
        Source(
            title="v4-chain: protocol/lib/margin/risk.go",
            url="https://github.com/dydxprotocol/v4-chain",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "mark_price is the oracle price",
        "the liquidation price as the front end shows it: the others stay where they are",
        "base taker fee 0.05 %: third-party; it is not in the trigger",
    ),
    not_modelled=(
        "the initial margin fraction growing with open interest: give leverage as 1 / fraction",
        "open orders, which count in the initial margin only",
    ),
)

RULES: Final = (
    RuleSet(
        venue="dydx",
        product="perpetuals (dYdX Chain)",
        contract_types=("linear",),
        schedule="slab",
        initial_price="mark",
        taker_fee_rate=0.0005,
        trigger_price="oracle",
        screen_ratio="requirement / balance",
        screen_ratio_name="maintenance margin / equity",
        price_rounding="nearest",
        box=BoxRules(
            funding_from="box",
            withdrawal=Withdrawal(initial_margin_at="mark", profit_counts=True),
            auto_add="none",
            steps=(
                Step(action="close_fraction", fraction=0.1, above_notional=1000, repeats=True),
                Step(action="close"),
                Step(action="take_over", at_equity=0.0, price="bankruptcy"),
            ),
            liquidation_fee_rate=0.015,
            liquidation_fee_at_most=True,
            remainder_to="trader",
        ),
        cross=_CROSS,
        confidence="high",
        sources=(
            Source(
                title="Liquidations",
                url="https://dydx-documentation-six.vercel.app/concepts/trading/liquidations",
                read=date(2026, 11, 23),
            ),
            Source(
                title="v4-chain: protocol/lib/margin/risk.go",
                url="https://github.com/dydxprotocol/v4-chain",
                read=date(2026, 11, 23),
            ),
            Source(
                title="v4-chain: protocol/x/clob/keeper/liquidations.go",
                url="https://github.com/dydxprotocol/v4-chain/blob/main/protocol/x/clob/keeper/"
                "liquidations.go",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Trading Core (governance-adjustable parameters: liquidations config)",
                url="https://docs.dydx.community/dydx-token-migration/dydx-chain-modules-and-"
                "parameters/governance-adjustable-parameters/trading-core",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Isolated Margin (help)",
                url="https://help.dydx.trade/en/articles/172975-isolated-margin",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Check Leverage on Withdrawals and Updates (pull request 3153)",
                url="https://github.com/dydxprotocol/v4-chain/pull/3153",
                read=date(2026, 11, 24),
            ),
            Source(
                title="v4-web: adjustIsolatedMargin.ts, Output.tsx",
                url="https://github.com/dydxprotocol/v4-web",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "mark_price is the oracle price",
            "base taker fee 0.05 %: third-party; it is not in the trigger",
            "the liquidation limits (10 % and 1,000 USDC a block, fee 1.5 %) are those of genesis",
            "margin is withdrawn down to the leverage given (on chain: the one chosen, else the"
            " market's highest)",
        ),
        not_modelled=(
            "the initial margin fraction growing with open interest",
            "in the liquidation steps: 1,000 USDC as the least, 100,000 as the most of a block",
            "the liquidation fee where it exceeds the equity of what is closed",
        ),
    ),
)
