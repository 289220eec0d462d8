"""dYdX Chain (v4) perpetuals (linear, USDC), isolated: one position in its own subaccount.

Rule
    "accounts whose total value falls below their maintenance margin requirement may have their
    positions automatically closed": MMR = |size * oracle price * MMF|; the subaccount is
    liquidatable where MMR > 0 and MMR > total net collateral. No fee in the trigger.

        p' = (e - s * p) / (|s| * MMF - s)

    with e the equity now, s the signed size, p the oracle price now. The maintenance fraction is a
    constant of the market, whatever the size.

Units
    Size in coin, money in USDC. The price is the oracle's. isolated_margin = equity of the
    subaccount - unrealized PnL.

Scope
    A subaccount with one position is the box (a market of type ISOLATED needs a subaccount of its
    own). Not modelled: the initial fraction
    growing with the market's open interest, partial liquidation, subaccounts with several
    positions, dYdX v3.

Source
    Liquidations (docs, concepts/trading/liquidations); dydxprotocol/v4-chain
    protocol/lib/margin/risk.go; the front end's own tests (v4-abacus V4CalculationTests: 927.835
    long, 1067.961 short), read 2026-11-23. Fractions: indexer, 2025-12-08.

Terms
    maintenanceMarginFraction -> mmr; equity - unrealized PnL -> isolated_margin.

Since
    No dated change was found. Taker fee 0.05 %: third-party.
"""

from datetime import date
from typing import Final

from ringfence.rules import RuleSet, Source

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
        ),
        assumed=(
            "mark_price is the oracle price",
            "base taker fee 0.05 %: third-party; it is not in the trigger",
        ),
        not_modelled=(
            "the initial margin fraction growing with open interest",
            "partial liquidation",
        ),
    ),
)
