"""Coinbase International Exchange perpetuals (linear, USDC), until 2026-09-30.

Rule
    IM = max(BIM, RP * sqrt(CoH)), MM = IM * 2/3, close-out margin = max(1/3 IM, MM - 12 %). The
    margin percentages apply to the Position Size, quantity * execution price: maintenance margin
    is fixed at entry. Liquidation where current margin falls below it.

        LP = Entry - Side * (Margin - Entry * q * MMR) / q

    Cross: the portfolio is one pool in USDC, "current margin" against the sum of the requirements.

Units
    Size in coin, money in USDC.

Scope
    mmr must be given: IM depends on the market's volume (square root of the close-out horizon), on
    the user's margin override and on the portfolio: 2/3 of the IM rate in force. Liquidation:
    below maintenance margin the position is partially liquidated, below close-out margin a
    liquidity supporter or the insurance fund takes it on. "You can only withdraw excess margin.
    That is, margin above the initial margin requirement" (whether a profit counts: not said). Not
    modelled: collateral in BTC or ETH (weights), margin offsets, US futures (CFM). ASSUMED for
    cross: the other positions stay at their marks, one position a contract.

Source
    Leverage and Margin Trading Policy (coinbase.com/international-exchange/legal), Margin Modes,
    What happens if my positions are automatically liquidated (help.coinbase.com), Advanced Trade
    API docs (docs.cdp.coinbase.com/advanced-trade), read 2026-11-23. What is the liquidation
    waterfall, Funds in your perpetuals portfolio (help.coinbase.com), read 2026-11-24. No position
    with a liquidation price was found.

Terms
    mm_notional -> maintenance margin; im_notional -> initial margin.

Since
    Ended 2026-10-01: "Advanced Trade international derivatives trade on a Deribit-powered gateway
    ... They moved there from INTX on October 1, 2026". Later positions: venue deribit.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_HELP: Final = "https://help.coinbase.com/en"

_CROSS: Final = CrossRules(
    pool="account",
    pair=None,
    confidence="low",
    sources=(
        Source(
            title="Leverage and Margin Trading Policy",
            url="https://coinbase.com/international-exchange/legal/leverage-and-margin-policy",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Funds in your perpetuals portfolio",
            url=f"{_HELP}/coinbase/trading-and-funding/derivatives/pf-funds",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "no page gives a cross liquidation price: the others at their marks, no fee",
        "one position a contract",
        "the perpetuals moved to Deribit on 2026-10-01: a later position follows deribit's rule",
    ),
    not_modelled=(
        "the initial margin itself: give mmr",
        "collateral in BTC or ETH and its weight (90 % in the page's example)",
        "margin offsets",
        "open orders",
    ),
)

RULES: Final = (
    RuleSet(
        venue="coinbase",
        product="International Exchange perpetuals",
        contract_types=("linear",),
        schedule="slab",
        maintenance_price="entry",
        taker_fee_rate=0.0,
        effective_until=date(2026, 9, 30),
        screen_ratio="requirement / balance",
        screen_ratio_name="requirement / balance (Coinbase shows a liquidation buffer, 1 - ratio)",
        box=BoxRules(
            steps=(
                Step(action="close_until_safe"),
                Step(action="take_over", at_equity=0.5, price="bankruptcy"),
            ),
        ),
        cross=_CROSS,
        confidence="low",
        sources=(
            Source(
                title="Leverage and Margin Trading Policy",
                url="https://coinbase.com/international-exchange/legal/leverage-and-margin-policy",
                read=date(2026, 11, 23),
            ),
            Source(
                title="What is the liquidation waterfall and how do they relate to my margin"
                " requirements?",
                url=f"{_HELP}/international-exchange/liquidations/what-is-the-liquidation-"
                "waterfall-and-how-do-they-relate-to-my-margin-requirements",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Funds in your perpetuals portfolio",
                url=f"{_HELP}/coinbase/trading-and-funding/derivatives/pf-funds",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Coinbase Advanced Trade API: Global Derivatives on Deribit",
                url="https://docs.cdp.coinbase.com/advanced-trade/docs/rest-api-postman/",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=(
            "the perpetuals moved to Deribit on 2026-10-01: a later position follows deribit's"
            " rule, not this one",
            "equity is valued at the mark price, the requirement at the execution price",
            "no fee in the trigger; the taker fee was not found (0 stands for it)",
            "close-out at half the maintenance margin: so where IM is at most 36 % (1/3 IM / MM)",
            "a position below close-out margin is taken on at its bankruptcy price",
        ),
        not_modelled=(
            "the initial margin itself: give mmr",
            "collateral in BTC or ETH",
            "margin offsets",
            "US futures (Coinbase Financial Markets)",
        ),
    ),
)
