"""Phemex contracts (linear USDT-M; inverse COIN-M), isolated and cross margin.

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

    Cross: one Margin Level a settlement currency, Position Equity = balance + unrealized PnL of the
    cross positions - isolated margins - what orders use; LP as above with it in place of Balance.

Units
    Linear: size in base coin. Inverse: contracts of 1 USD (BTCUSD), money in coin.
    isolated_margin of a linear position is assignedPosBalance: it HOLDS the close fee, which is
    real margin. posMargin of an inverse one holds a close fee that its maintenance margin holds
    too: give isolated_margin without it.

Scope
    Not modelled: portfolio margin, partial closing by risk limit. ASSUMED: a long and a short of
    one contract in cross (hedged mode) share one price, with the margin of each.
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
    What is the Insurance Fund (2020-05-14), What is Liquidation?, read 2026-11-24. A recorded cross
    long of 2025-12-31 (ccxt 4.5.90 phemex.py: its account's balance gives 45,009.0 and, with the
    close fee, the bankruptcy price 44,783.79) is exact to the last printed digit.

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
from ringfence.cross_rules import CrossRules
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

_CROSS: Final[dict[str, Any]] = {
    "pair": "sum",
    "sources": (
        Source(
            title="How to calculate the liquidation price for USDT-M",
            url="https://phemex.com/help-center/liq-price-for-USDTM",
            read=date(2026, 11, 24),
        ),
        Source(
            title="account positions (a recorded cross position, ccxt 4.5.90 phemex.py)",
            url="https://github.com/ccxt/ccxt/blob/master/python/ccxt/phemex.py",
            read=date(2026, 11, 24),
        ),
    ),
    "not_modelled": (
        "portfolio margin",
        "open orders: take what they use off wallet_balance",
        "partial closing by risk limit",
    ),
}
_ONE_PRICE: Final = "a long and a short of one contract share one price, with the margin of each"

RULES: Final = (
    RuleSet(
        **_COMMON,
        product="USDT-M perpetuals",
        contract_types=("linear",),
        size_unit="base",
        schedule="bracket",
        trigger_fee="taker_at_mark",
        initial_margin_fee="bankruptcy_value",  # opening puts the close fee into the box as well
        cross=CrossRules(
            **_CROSS,
            confidence="high",
            assumed=(
                _ONE_PRICE,
                "several positions: the others at their marks; the recorded account has one",
            ),
        ),
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
        not_modelled=("portfolio margin", "partial closing by risk limit"),
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
        cross=CrossRules(
            **_CROSS,
            trigger_fee="taker_at_bankruptcy",
            maintenance_holds_trigger_fee=True,
            confidence="low",
            assumed=(
                "the pages on USDT-M's cross margin hold for COIN-M; no record was found",
                "maintenance margin on the open value; the close fee in it counts: nothing is set"
                " aside against it",
                _ONE_PRICE,
            ),
        ),
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
        not_modelled=("partial closing by risk limit",),
    ),
)
