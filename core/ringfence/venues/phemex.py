"""Phemex contracts (linear USDT-M; inverse COIN-M), isolated margin.

Rule
    Margin Level = Position Equity / Maintenance Margin; "when the margin level reaches 100%,
    liquidation will be triggered". USDT-M:

        LP long  = (Open Value - Balance - mmAmount) / (1 - Taker - MMR) / Size
        LP short = (Open Value + Balance + mmAmount) / (1 + Taker + MMR) / Size
        Balance  = Open Value / Leverage + Bankruptcy Value * Taker + added margin

    Maintenance Margin = Notional * MMR - Maintenance Amount: brackets, each slice at its own rate.
    COIN-M, maintenance margin on the open value, no fee:

        Liquidation Value long  = Open Value - Open Value * MMR + Open Value / Leverage
        Liquidation Value short = Open Value + Open Value * MMR - Open Value / Leverage
        LP = Contracts * Contract Size / Liquidation Value

Units
    Linear: size in base coin. Inverse: contracts of 1 USD (BTCUSD), money in coin.
    isolated_margin of a linear position is assignedPosBalance: it HOLDS the close fee, which is
    real margin. posMargin of an inverse one holds a close fee that its maintenance margin holds
    too: give isolated_margin without it.

Scope
    Not modelled: cross (one margin level a settlement currency), portfolio margin, partial closing
    by risk limit.
    Box: no auto margin ("any available balance not specifically allocated to a position will not be
    automatically used"); what liquidation leaves above the bankruptcy price goes to the insurance
    fund. The contract's open orders are cancelled first; the size of the partial steps, who pays
    funding and how much margin may be taken out were not found.

Source
    How to calculate the liquidation price for USDT-M (liq-price-for-USDTM), How are Liquidation
    Prices calculated (liquidation-price), Leverage, IM and MM for USDT-M (legerage-IM-MM-USDTM),
    Liquidation protocol, Risk limit; all phemex.com/help-center, undated, read 2026-11-23. The
    worked example gives 0.3232. API: buyValueToCost 0.10114, sellValueToCost 0.10126 at 10x and
    0.06 % prove the close fee of long and short. Of the box: What is Cross and Isolated Margin?,
    What is the Insurance Fund (2020-05-14), What is Liquidation?, read 2026-11-24.

Terms
    assignedPosBalanceRv -> isolated_margin; maintMarginReqRr -> mmr; mmAmount,
    maintenanceAmountRv -> maintenance_amount.

Since
    No dated change found. ASSUMED: the COIN-M page, undated, still holds; 0.06 % is the fee of
    both.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import BoxRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_READ: Final = date(2026, 11, 23)
_PROTOCOL: Final = Source(
    title="Phemex Futures Liquidation Protocol",
    url="https://phemex.com/help-center/phemex-futures-liquidation-protocol",
    read=_READ,
)
_BOX_SOURCES: Final = (
    Source(
        title="What is Cross and Isolated Margin?",
        url="https://phemex.com/de/help-center/was-sind-cross-margin-und-isolated-margin",
        read=date(2026, 11, 24),
    ),
    Source(
        title="What is the Insurance Fund and Auto-Deleveraging?",
        url="https://phemex.com/help-center/what-is-the-insurance-fund-and-auto-deleveraging",
        read=date(2026, 11, 24),
    ),
)
_NO_AUTO: Final = "the undated page that knows no auto margin in isolated mode still holds"
_COMMON: Final[dict[str, Any]] = {
    "venue": "phemex",
    "taker_fee_rate": 0.0006,
    "screen_ratio": "balance / requirement",
    "screen_ratio_name": "Margin Level",
    "box": BoxRules(auto_add="none", remainder_to="venue"),
}

RULES: Final = (
    RuleSet(
        **_COMMON,
        product="USDT-M perpetuals",
        contract_types=("linear",),
        size_unit="base",
        schedule="bracket",
        trigger_fee="taker_at_mark",
        initial_margin_fee="bankruptcy_value",  # opening puts the close fee into the box as well
        confidence="high",
        sources=(
            Source(
                title="How to calculate the liquidation price for USDT-M",
                url="https://phemex.com/help-center/liq-price-for-USDTM",
                read=_READ,
            ),
            Source(
                title="Leverage, initial and maintenance margin of USDT-M",
                url="https://phemex.com/help-center/legerage-IM-MM-USDTM",
                read=_READ,
            ),
            _PROTOCOL,
            *_BOX_SOURCES,
        ),
        assumed=(
            "a short's close fee is charged on Open Value * (1 + 1/Leverage), as in the API",
            _NO_AUTO,
        ),
        not_modelled=("cross", "portfolio margin", "partial closing by risk limit"),
    ),
    RuleSet(
        **_COMMON,
        product="COIN-M perpetuals",
        label="phemex_coinm",
        contract_types=("inverse",),
        size_unit="contracts",
        schedule="slab",
        maintenance_price="entry",
        closing_fee_reserved=True,
        confidence="low",
        sources=(
            Source(
                title="How are Liquidation Prices calculated?",
                url="https://phemex.com/help-center/liquidation-price",
                read=_READ,
            ),
            _PROTOCOL,
            *_BOX_SOURCES,
        ),
        assumed=(
            "the undated COIN-M page still holds: maintenance margin on the open value, no fee",
            "the whole position at the rate of its risk limit",
            _NO_AUTO,
        ),
        not_modelled=("cross", "partial closing by risk limit"),
    ),
)
