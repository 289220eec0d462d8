"""KuCoin Futures (linear in USDT or USDC, inverse in the coin), isolated margin, classic account.

Rule
    Margin Rate = Maintenance Margin / Total Position Margin; liquidation at 100 %.
    Since 2025-05-22 04:00 UTC, for all isolated positions:

        Maintenance Margin = Mark * Size * Multiplier * (MMR + Liquidation Fee Rate)
        LP linear  = (Notional - Margin) / [Size * Multiplier * (1 - side * (MMR + Fee Rate))]
        LP inverse = [Size * Multiplier * (1 - side * (MMR + Fee Rate))] / (Notional - Margin)

    with signed size and notional; side is 1 for a linear long or an inverse short, else -1. The
    rate is that of the risk limit level that holds the OPENING value: it does not move with the
    price. Before: maintenance margin on the entry value, funding in it, and a bankruptcy fee of
    taker * (1 + 1/Leverage) on the entry value frozen on both sides, where it cancels:

        LP = Entry -/+ (IM + added - Entry value * (MMR + funding rate where it is paid)) / Size

Units
    Size in contracts of `multiplier` coin (XBTUSDTM 0.001), inverse 1 USD. Levels by position
    value: linear in quote, inverse in coin.

Scope
    Not modelled: unified account, cross (a rate for the account; its price is "only a
    reference"), auto-deposit margin in the price.
    Box: funding moves the position margin. Auto-deposit, if switched on, adds the initial margin
    again (and cancels the contract's orders first). Above level 1 the part over the lower level's
    limit is closed at market, level by level; at level 1, or where that order does not fill, all of
    it goes over at the bankruptcy price, and a better fill to the insurance fund. What may be taken
    out depends on the level's maximum leverage and a share of the profit: the formula was not read.

Source
    Update to the Isolated Margin Calculation Formula (2025-05-20) and supplement (2025-05-29); How
    to Calculate Futures Liquidation Price, support 26694703491737 (2025; as Liquidation and
    Liquidation Price 2026-01-05); 4408061803033; bankruptcy price 27619032569113; read 2026-11-23.
    Six recorded positions of 2021 to 2024 reproduce to the tick, five with posMaint to 3e-8. Of the
    box: Insurance Fund, 26686139092889 (2025-12-31); What is Risk Limit Level (blog, 2022-12-01);
    What is Liquidation?, 8664870317849; API Positions, 3470093; all read 2026-11-24.

Terms
    maintMarginReq, maintainMargin -> mmr; posInit + added -> isolated_margin; multiplier ->
    contract_size; riskLimit -> the tier's end.

Since
    2025-05-22 the rule above; a funding term stayed in it until a day that was not found.
    ASSUMED: the Liquidation Fee Rate is the taker rate, 0.06 % (the cross formula says so).
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import AutoAdd, BoxRules, Step
from ringfence.rules import RuleSet
from ringfence.sources import Source

_BOX_READ: Final = date(2026, 11, 24)
_BOX_SOURCES: Final = (
    Source(
        title="Insurance Fund",
        url="https://www.kucoin.com/support/26686139092889",
        read=_BOX_READ,
    ),
    Source(
        title="What Is Risk Limit Level on KuCoin Futures?",
        url="https://www.kucoin.com/blog/what-is-risk-limit-level-on-kucoin-futures-en",
        read=_BOX_READ,
    ),
    Source(
        title="What is Liquidation?",
        url="https://kucoin.zendesk.com/hc/en-us/articles/8664870317849-What-is-Liquidation-",
        read=_BOX_READ,
    ),
    Source(
        title="How Funding Rate Influences the Position PNL on KuCoin Futures",
        url="https://kucoin.zendesk.com/hc/en-us/articles/4407237018649",
        read=_BOX_READ,
    ),
    Source(
        title="API: Positions (posMargin holds the funding fees)",
        url="https://www.kucoin.com/docs-new/3470093w0",
        read=_BOX_READ,
    ),
)
_AUTO_DEPOSIT: Final = (
    "auto-deposit adds the initial margin again: the worked example of 8664870317849, undated"
)
_COMMON: Final[dict[str, Any]] = {
    "venue": "kucoin",
    "product": "futures, classic account",
    "contract_types": ("linear", "inverse"),
    "size_unit": "contracts",
    "schedule": "slab",
    "taker_fee_rate": 0.0006,
    "tier_at": "entry",
    "screen_ratio": "requirement / balance",
    "screen_ratio_name": "Margin Rate",
    "box": BoxRules(
        funding_from="box",
        auto_add=AutoAdd(amount="initial_margin"),
        steps=(
            Step(action="step_down", repeats=True),
            Step(action="take_over", price="bankruptcy"),
        ),
        remainder_to="venue",
    ),
    "not_modelled": (
        "unified trading account",
        "auto-deposit margin: the liquidation price is the one before it acts",
    ),
}

RULES: Final = (
    RuleSet(
        **_COMMON,
        maintenance_price="entry",
        funding_in_maintenance=True,
        closing_fee_reserved=True,
        closing_fee_on="entry_and_margin",
        price_rounding="conservative",  # five linear longs up to the tick, a short down
        confidence="high",
        sources=(
            Source(
                title="Important: Update to the Isolated Margin Calculation Formula (before)",
                url="https://www.kucoin.com/announcement/update-to-the-isolated-margin-"
                "calculation-formula",
                read=date(2026, 11, 23),
            ),
            Source(
                title="How to Calculate the Liquidation Price for KuCoin Contracts",
                url="https://www.kucoin.com/support/4408061803033",
                read=date(2026, 11, 23),
            ),
            *_BOX_SOURCES,
        ),
        assumed=(
            "a position that receives funding adds nothing: seen on one recorded short",
            "the level that holds the value; the user could choose a higher one",
            _AUTO_DEPOSIT,
        ),
    ),
    RuleSet(
        **_COMMON,
        effective_from=date(2025, 5, 22),
        maintenance_price="mark",
        trigger_fee="taker_at_mark",
        confidence="medium",
        sources=(
            Source(
                title="Important: Update to the Isolated Margin Calculation Formula",
                url="https://www.kucoin.com/announcement/update-to-the-isolated-margin-"
                "calculation-formula",
                read=date(2026, 11, 23),
            ),
            Source(
                title="How to Calculate Futures Liquidation Price",
                url="https://www.kucoin.com/support/26694703491737",
                read=date(2026, 11, 23),
            ),
            *_BOX_SOURCES,
        ),
        assumed=(
            "the Liquidation Fee Rate is the taker rate, 0.06 %: no page read gives its figure;"
            " give taker_fee_rate to replace it",
            "no funding term: it went out in mid-2025, on a day that was not found",
            _AUTO_DEPOSIT,
        ),
    ),
)
