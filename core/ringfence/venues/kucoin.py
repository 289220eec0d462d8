"""KuCoin Futures (linear in USDT or USDC, inverse in the coin), classic account.

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

    Cross: the pool is shared out by mark value, AMR = Total Margin (unrealized PnL in it) / the sum
    of |Mark Value|; the fee is the taker's, side as above, and the price "only a reference":

        Rest       = Mark Value - |Mark Value| * AMR
        LP linear  = Rest / [Size * Multiplier * (1 - side * (MMR + f))], inverse turned over
        Risk Rate  = (sum of maintenance margins + closing fees) / Total Margin; 100 % liquidates
        MMR        = min((1 + n / m) / (2 * maxLev), 0.3), n the size in coin, m a contract's figure

Units
    Size in contracts of `multiplier` coin (XBTUSDTM 0.001), inverse 1 USD. Levels by position
    value: linear in quote, inverse in coin.

Scope
    Not modelled: unified account, auto-deposit margin in the price; in cross the MMR above (give
    mmr as the position shows it; else that of the risk limit level), open orders.
    ASSUMED: a long and a short of one contract in cross share one price, with the margin of each.
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
    What is Liquidation?, 8664870317849; API Positions, 3470093 (its sample of 2026-02-19, a short,
    is exact); all read 2026-11-24. Of cross: 35084431335065, 35233217061785, 35084093025049
    (2025-12-30), read 2026-11-24; a recorded long of 2026-01-15 is exact to its cent.

Terms
    maintMarginReq, maintainMargin -> mmr; posInit + added -> isolated_margin; multiplier ->
    contract_size; riskLimit -> the tier's end.

Since
    2025-05-22 the rule above; a funding term stayed in it until a day that was not found. The
    Liquidation Fee Rate is 0.06 %: XBTUSDTM's rates add up to 0.46 % in the sample of 2026-02-19.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import AutoAdd, BoxRules, Step
from ringfence.cross_rules import CrossRules
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
_CROSS: Final = CrossRules(
    others="pro_rata",
    pair="sum",
    maintenance_price="mark",
    tier_at="mark",
    initial_price="mark",
    trigger_fee="taker_at_mark",
    maintenance_holds_trigger_fee=False,
    funding_in_maintenance=False,
    screen_ratio_name="Risk Rate",
    confidence="medium",
    sources=(
        Source(
            title="Liquidation Price in Cross Margin Mode",
            url="https://www.kucoin.com/support/35084431335065",
            read=_BOX_READ,
        ),
        Source(
            title="Risk Rate of Cross Margin Mode",
            url="https://www.kucoin.com/support/35233217061785",
            read=_BOX_READ,
        ),
        Source(
            title="Support 35084093025049 (cross margin, 2025-12-30)",
            url="https://www.kucoin.com/support/35084093025049",
            read=_BOX_READ,
        ),
    ),
    assumed=(
        "a maintenance margin rate that is not given: that of the risk limit level at the mark",
        "a long and a short of one contract share one price, with the margin of each",
        "the formula held since there is cross margin; no funding term stands in it",
    ),
    not_modelled=(
        "the continuous rate min((1 + n / m) / (2 * maxLev), 0.3): give mmr as the position shows"
        " it",
        "the initial margin rate max(1 / leverage, 1.3 * MMR) where the second is larger",
        "open orders: their margins and fees in the Risk Rate, their size in the rate",
        "the price that the screen cuts at the contract's least and greatest price",
        "unified trading account",
    ),
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
    "cross": _CROSS,
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
        maintenance_holds_trigger_fee=True,
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
            "the Liquidation Fee Rate is 0.06 % everywhere: one recorded XBTUSDTM position shows"
            " it; give taker_fee_rate to replace it",
            "no funding term: it went out in mid-2025, on a day that was not found",
            _AUTO_DEPOSIT,
        ),
    ),
)
