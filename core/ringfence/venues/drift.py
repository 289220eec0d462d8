"""Drift v2 perpetuals (linear, USDC, on Solana), isolated positions and cross, until 2026-04-01.

Rule
    Liquidatable when total collateral < margin requirement. For an isolated position: its own
    deposit + unrealized PnL + unsettled funding, against

        margin requirement = size * oracle price * margin ratio
        margin ratio       = max(m, 0.8 * m + imf_factor * sqrt(size)),  m = marginRatioMaintenance

    at the ORACLE price, cut to a hundredth of a percent. The size is in coin, so no price moves the
    ratio. No fee stands in the trigger.

        LP = (deposit - side * size * entry) / (size * (ratio - side))

    Cross (Drift's default): the subaccount's total collateral against the sum of the requirements;
    the SDK's price of one position leaves the others at theirs.

Units
    Size in coin, money in USDC. On chain: ratios in 1/10,000, imf_factor in 1/1,000,000.

Scope
    Funding is settled into the position, so the box pays it; nothing is added to it. Taken out may
    be deposit, while collateral stays at the initial requirement at the oracle price. Liquidation:
    the market's orders are cancelled, then a liquidator takes over at the oracle price as much as
    brings the requirement and a buffer back, all at once for an isolated position (a position up to
    50 USD as a whole), less two fees of the market (liquidator, insurance fund); what is left is
    the trader's. Not modelled: asset weights of collateral (give wallet_balance as total collateral
    less unrealized PnL), high leverage mode, open orders (which count as if filled), a stablecoin
    price other than 1. On 2026-04-01 the protocol was drained and
    suspended; what opened afterwards under the name Velocity is another venue, settled in USDT:
    not on file.

Source
    drift-labs/protocol-v2 programs/drift/src/math/margin.rs
    (calculate_size_premium_liability_weight, add_isolated_margin_calculation),
    sdk/src/math/market.ts, read 2026-11-23. Ratios: Drift's own table of 2025-12-27
    (docs.drift.trade/trading/margin), in one copy. The box:
    state/liquidation_mode.rs (IsolatedMarginLiquidatePerpMode),
    controller/isolated_position.rs, controller/liquidation.rs (liquidate_perp, commit 006ba85), and
    Liquidation engine (docs.drift.trade), read 2026-11-24. Cross: margin.rs and the SDK,
    read 2026-11-24.

Terms
    isolated deposit (isolated_position_scaled_balance) -> isolated_margin; margin ratio -> mmr;
    marginRatioMaintenance -> the tier's rate; imfFactor -> square_root_factor.

Since
    Isolated positions came with SDK 2.154 (day not found); the end: 2026-04-01.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step, Withdrawal
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_REPO: Final = "https://github.com/drift-labs/protocol-v2/blob/master"

_CROSS: Final = CrossRules(
    pool="account",
    pair=None,
    initial_price="mark",
    confidence="medium",
    sources=(
        Source(
            title="margin.rs",
            url=f"{_REPO}/programs/drift/src/math/margin.rs",
            read=date(2026, 11, 24),
        ),
        Source(
            title="sdk (the liquidation price of one position)",
            url=f"{_REPO}/sdk",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "the venue was suspended on 2026-04-01: there are no later positions",
        "the taker fee was not sourced; it is not in the trigger",
        "the initial margin is the value at the oracle price / leverage",
    ),
    not_modelled=(
        "asset weights: give wallet_balance as total collateral without unrealized PnL",
        "high leverage mode",
        "open orders, which count as if filled",
        "the buffer above the requirement to which a liquidation closes",
    ),
)

RULES: Final = (
    RuleSet(
        venue="drift",
        product="v2 perpetuals",
        effective_until=date(2026, 3, 31),
        contract_types=("linear",),
        schedule="square_root",
        taker_fee_rate=0.0,
        trigger_price="oracle",
        screen_ratio="requirement / balance",
        screen_ratio_name="margin requirement / total collateral (Drift shows health, 1 - ratio)",
        box=BoxRules(
            funding_from="box",
            withdrawal=Withdrawal(initial_margin_at="mark", profit_counts=True, profit_stays=True),
            auto_add="none",
            steps=(
                Step(action="cancel_orders"),
                Step(action="close_until_safe", above_notional=50, price="mark"),
                Step(action="close", price="mark"),
            ),
            remainder_to="trader",
        ),
        cross=_CROSS,
        confidence="medium",
        sources=(
            Source(
                title="margin.rs",
                url=f"{_REPO}/programs/drift/src/math/margin.rs",
                read=date(2026, 11, 23),
            ),
            Source(
                title="sdk/src/math/market.ts",
                url=f"{_REPO}/sdk/src/math/market.ts",
                read=date(2026, 11, 23),
            ),
            Source(
                title="liquidation_mode.rs, IsolatedMarginLiquidatePerpMode",
                url=f"{_REPO}/programs/drift/src/state/liquidation_mode.rs",
                read=date(2026, 11, 24),
            ),
            Source(
                title="isolated_position.rs, withdraw_from_isolated_perp_position",
                url=f"{_REPO}/programs/drift/src/controller/isolated_position.rs",
                read=date(2026, 11, 24),
            ),
            Source(
                title="controller/liquidation.rs, liquidate_perp",
                url=f"{_REPO}/programs/drift/src/controller/liquidation.rs",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Liquidation engine",
                url="https://docs.drift.trade/liquidations/liquidation-engine",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Reflections on the Drift Protocol exploit",
                url="https://4pillars.io/en/issues/reflections-on-the-drift-protocol-exploit",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=(
            "the venue was suspended on 2026-04-01: there are no later positions",
            "the taker fee was not sourced; it is not in the trigger",
            "health = 1 - requirement / collateral",
            "withdrawal: profit counts in full",
        ),
        not_modelled=(
            "high leverage mode",
            "open orders, which count as if filled",
            "the buffer above the requirement to which a liquidation closes",
            "liquidation fees: they differ by market and were not sourced",
        ),
    ),
)
