"""GMX v2 perpetuals (linear, on chain), every position a box of its own; stablecoin collateral.

Rule
    A position is liquidatable when

        remainingCollateralUsd = collateralUsd + pnl + priceImpact - fees
            < max(minCollateralFactorForLiquidation * sizeInUsd, minCollateralUsd)

    sizeInUsd is fixed at entry (size in tokens * entry price), so the requirement is one sum; so is
    the closing fee, a rate on sizeInUsd, "should not account for liquidation fees". Prices are
    oracle prices: the lower one for a long, the higher one for a short. A price impact in favour
    counts nothing, a negative one at most maxPositionImpactFactorForLiquidations, which is 0 in
    GMX's settings.

        LP long  = (liquidationCollateral - remainingCollateral + sizeInUsd) / sizeInTokens
        LP short = (liquidationCollateral - remainingCollateral - sizeInUsd) / -sizeInTokens

    with remainingCollateral = collateralUsd - pending borrowing and funding fees - closing fee.

Units
    Size in tokens, money in USD. isolated_margin = collateralUsd less the pending borrowing and
    funding fees (they accrue every second and are paid from the collateral; funding received is
    claimed apart, never added).

Scope
    The position pays funding and borrowing itself; no contract tops it up. Liquidation closes all
    of it at the oracle price; collateral that is left after the fees goes to the trader. The
    liquidation fee is 0.20 % of the size, 0.30 % in single-token and synthetic markets. Collateral
    may be withdrawn as long as what remains, profit not counted, is minCollateralFactor (or more,
    with much open interest) * sizeInUsd and the position is not liquidatable: no leverage stands in
    it, so it is not in the box rules.

    Not modelled: collateral in the index token or another coin (it moves with the price: for the
    index token LP = (sizeInUsd + requirement + fees) / (tokens + collateral tokens) for a long,
    minus signs for a short), fee discounts by referral, ui fees, swaps, GMX v1. Whole positions
    only.

Source
    gmx-io/gmx-synthetics contracts/position/PositionUtils.sol isPositionLiquidatable;
    gmx-io/gmx-interface sdk/src/utils/positions.ts getLiquidationPrice; config/markets.ts; all
    read 2026-11-23. The box: DecreasePositionUtils.sol and PositionUtils.sol
    willPositionCollateralBeSufficient, read 2026-11-24.

Terms
    collateralUsd - pending fees -> isolated_margin; sizeInUsd / sizeInTokens -> entry_price;
    minCollateralFactorForLiquidation -> mmr; positionFeeFactorForNegativeImpact -> taker_fee_rate.

Since
    Older contracts used minCollateralFactor for both opening and liquidation, and closing fees of
    0.05 / 0.07 %. ASSUMED: the version on file is the deployed one.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step
from ringfence.rules import RuleSet
from ringfence.sources import Source

_REPO: Final = "https://github.com/gmx-io"

RULES: Final = (
    RuleSet(
        venue="gmx",
        product="v2 perpetuals",
        contract_types=("linear",),
        schedule="bracket",
        maintenance_price="entry",
        minimum_maintenance=1.0,
        taker_fee_rate=0.0006,
        trigger_fee="taker_at_entry",
        trigger_price="oracle",
        screen_ratio="requirement / balance",
        screen_ratio_name="required collateral / remaining collateral (GMX shows leverage)",
        box=BoxRules(
            funding_from="box",
            auto_add="none",
            steps=(Step(action="close", price="mark"),),
            remainder_to="trader",
        ),
        confidence="medium",
        sources=(
            Source(
                title="PositionUtils.sol, isPositionLiquidatable",
                url=f"{_REPO}/gmx-synthetics/blob/main/contracts/position/PositionUtils.sol",
                read=date(2026, 11, 23),
            ),
            Source(
                title="sdk/src/utils/positions.ts, getLiquidationPrice",
                url=f"{_REPO}/gmx-interface/blob/master/sdk/src/utils/positions.ts",
                read=date(2026, 11, 23),
            ),
            Source(
                title="DecreasePositionUtils.sol, decreasePosition",
                url=f"{_REPO}/gmx-synthetics/blob/main/contracts/position/"
                "DecreasePositionUtils.sol",
                read=date(2026, 11, 24),
            ),
            Source(
                title="config/markets.ts",
                url=f"{_REPO}/gmx-synthetics/blob/main/config/markets.ts",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=(
            "no reported liquidation price was found to compare with: the rule is the code's",
            "minCollateralUsd 1 USD as in GMX's settings (another library says 5)",
            "the closing fee of a trade that does not improve the balance of the market (0.06 %)",
            "a stablecoin is worth 1 USD",
        ),
        not_modelled=(
            "collateral in the index token or another volatile coin",
            "fees that accrue after today",
            "referral discounts and ui fees",
            "the liquidation fee: it is charged after the trigger, at 0.20 % or 0.30 % by market",
            "the price impact of a liquidation",
        ),
    ),
)
