"""Crypto.com Exchange perpetuals (linear, USD), isolated and cross margin.

Rule
    "Forced Liquidation happens when Margin Balance falls below the Maintenance Margin", at the mark
    price. Margin Balance = cash + unrealized PnL; Maintenance Margin = half the Initial Margin;

        Initial Margin = size * mark * margin rate
        margin rate    = min(1, max(1 / leverage, 1 / max product leverage, UMR * |quantity|))

    No fee stands in the trigger.

        LP = (margin - side * size * entry) / (size * (margin rate / 2 - side))

    Smart Cross: the wallet is one pool in USD, Maintenance Margin the sum; a liquidation price
    holds all other prices constant. The haircut of collateral is not taken off the balance: it
    adds to the Initial Margin, so half of it to the Maintenance Margin; a debt has none.

Units
    Size in coin (contracts of 1), money in USD.

Scope
    The margin rate of an isolated position could not be sourced (does the leverage chosen for the
    position raise its maintenance margin, as the account's leverage does for cross?), nor the unit
    of UMR: give mmr, half the rate that the venue shows as the position's initial margin. Not
    modelled: futures, open orders. Cross: give wallet_balance in USD, less half the haircut of what
    is not USD. ASSUMED: one position a contract.
    Box: the isolated block pays its own funding and fees. Below the maintenance margin all orders
    are cancelled and the position is closed piece by piece "until the Margin Balance is greater
    than the Initial Margin"; each piece pays 0.50 % to the insurance fund, and the rest stays.
    Margin may be taken out only in profit; the most of it and auto margin were not found.

Source
    help.crypto.com 4894436 (leverage and margin), 4894440 (forced liquidation), 5311584 (margin
    balance); API guide private/user-balance (maintenance = half of initial, to the last digit); all
    read 2026-11-23. The worked example of 4894440 comes out with rates of 5 % (BTC), 25 % (CRO) and
    a haircut of 10 %: 42,846.42 (printed 42,846.44) and 0.048448 (printed 0.04845). Of the box:
    4894437 (liquidation fee), 4894442 (insurance fund), 4894440; of cross: 5311584, 4894440; read
    2026-11-24.

Terms
    isolated cash balance -> isolated_margin; margin rate / 2 -> mmr.

Since
    Isolated margin was reported live on 2026-01-14; before, cross only.
"""

from datetime import date
from typing import Final

from ringfence.box_rules import BoxRules
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_HELP: Final = "https://help.crypto.com/en/articles"

_CROSS: Final = CrossRules(
    pool="account",
    pair=None,
    confidence="medium",
    sources=(
        Source(
            title="Margin Balance (5311584)",
            url=f"{_HELP}/5311584",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Initial Margin Notifications and Forced Liquidation",
            url=f"{_HELP}/4894440-initial-margin-notifications-and-forced-liquidation",
            read=date(2026, 11, 24),
        ),
    ),
    assumed=(
        "one position a contract",
        "cross before 2026-01-14 is not on file; the page's example (2023) comes out with round"
        " rates that the page does not print",
        "the taker fee was not sourced; it is not in the trigger",
    ),
    not_modelled=(
        "haircuts of collateral: take half of each off wallet_balance (they add to the initial"
        " margin)",
        "the price of collateral moving with a position's own",
        "open orders and the fee reserve",
        "progressive liquidation",
    ),
)

RULES: Final = (
    RuleSet(
        venue="cryptocom",
        product="perpetuals",
        effective_from=date(2026, 1, 14),
        contract_types=("linear",),
        schedule="bracket",  # one rate, always given: no tiers are on file
        initial_price="mark",
        taker_fee_rate=0.0,
        screen_ratio="requirement / balance",
        screen_ratio_name="maintenance margin / margin balance",
        # No steps: the venue closes until the initial margin is met, which Step cannot say.
        box=BoxRules(funding_from="box", liquidation_fee_rate=0.005, remainder_to="trader"),
        cross=_CROSS,
        confidence="medium",
        sources=(
            Source(
                title="Leverage and Margin",
                url=f"{_HELP}/4894436-leverage-and-margin",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Initial Margin Notifications and Forced Liquidation",
                url=f"{_HELP}/4894440-initial-margin-notifications-and-forced-liquidation",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Isolated Margin for Perpetuals Is Now Live",
                url="https://crypto.com/uk/product-news/isolated-margin-perpetuals-live",
                read=date(2026, 11, 23),
            ),
            Source(
                title="Applicable Fees",
                url=f"{_HELP}/4894437-applicable-fees",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Insurance Fund and Socialised Loss Mechanism",
                url=f"{_HELP}/4894442-insurance-fund-and-socialised-loss-mechanism",
                read=date(2026, 11, 24),
            ),
            Source(
                title="Isolated Margin launches on Crypto.com Exchange (third-party, 2026-01-14)",
                url="https://www.hccventure.com/en/"
                "isolated-margin-for-perpetuals-launches-on-cryptocom-exchange",
                read=date(2026, 11, 24),
            ),
        ),
        assumed=(
            "isolated positions follow the trigger of cross: margin balance below half the initial"
            " margin",
            "the first day of isolated margin: 2026-01-14, third-party",
            "the taker fee was not sourced; it is not in the trigger",
            "the ratio shown for one isolated position: not found",
            "funding falls on the isolated block: third-party; the venue names PnL, fees and risk",
            "what is left stays with the trader: the fund takes the liquidation fees only",
        ),
        not_modelled=(
            "open orders",
            "progressive liquidation",
            "the fee reserve of open orders in the margin balance",
        ),
    ),
)
