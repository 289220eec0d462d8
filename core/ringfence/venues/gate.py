"""Gate perpetual futures (linear in USDT; inverse BTC_USD in BTC), isolated and cross margin.

Rule
    MMR (screen) = Position Margin Balance / Position Maintenance Margin; "when the MMR falls to
    100% or below, liquidation will be triggered". The exit fee, 0.075 % whatever the account's own
    fee, stands in the trigger and, at entry, in the initial margin.

        LP linear  = (Entry -/+ Margin / Multiplier / Size) / [1 -/+ (MMR + Exit fee)]
        LP inverse = Size * Entry * (1 +/- MMR +/- Exit fee) / (Size +/- Margin * Entry)

    (upper sign: long). Maintenance margin "first ... the MMR of the lowest tier, applying the next
    tier's MMR only to the portion exceeding the previous limit": brackets, chosen by the value at
    the mark price; `deduction` is the venue's own sum off. With it: Margin + deduction.

        Initial Margin = Entry value / Leverage + Entry value * 0.075 %

    Cross (leverage 0 in the API): MMR = cross margin balance (funds + unrealized PnL, one pool a
    settlement currency, boxes apart) / the sum of the maintenance margins. "In hedge mode, the
    calculation is based on the MMR of the higher-value position".

Units
    Size in contracts of quanto_multiplier coin (BTC_USDT 0.0001), inverse 1 USD. isolated_margin
    is the API's `margin` (without unrealized PnL): it HOLDS the exit fee, which is real margin.

Scope
    Not modelled: hedge mode in a box (the rate of the larger side), unified account. Delivery
    contracts follow other fees. ASSUMED for cross, whose price formula was not found: that of a
    box with the pool, the other positions at their marks, as its wallet.
    Box: at the trigger all orders are cancelled, then "the system will lower the risk limit of the
    contract position by one tier and forcibly liquidate the portion of the position that exceeds
    the limit", again and again while MMR stays at 100 % or below; in the lowest tier all of it goes
    over. Orders stand at the bankruptcy price; a better fill goes to the insurance fund. Not found:
    who pays funding, how much margin may be taken out, auto margin.

Source
    Initial Margin, help 22148 (2026); Liquidation process, 22159; Risk limit, 22162 (2025-09-30);
    Leverage and Margin page; API Position (liq_price "for reference only"). LP: support quote of
    2023-07-02, freqtrade, and Gate blog 101350 of 2026-04-09, one formula. All read 2026-11-23. One
    recorded position of 2024 reproduces to its last printed digit. Of the box: 22159 (2025-06-18)
    and Insurance Fund, 22081, read 2026-11-24. Of cross: 22159, Margin (futures introduction) and
    announcement 37783 (2024-07-10), read 2026-11-24.

Terms
    margin -> isolated_margin; deduction -> maintenance_amount; maintenance_rate -> mmr;
    quanto_multiplier -> contract_size; MMR of the screen -> venue_margin_ratio (not mmr).

Since
    2024-09-24 trigger by MMR, isolated too. 2025-07-29 brackets and automatic tiers, in batches;
    before: one rate for the whole value, of the risk limit the user had chosen. ASSUMED: all
    contracts changed on 2025-07-29; before, the tier that holds the value.
"""

from datetime import date
from typing import Any, Final

from ringfence.box_rules import BoxRules, Step
from ringfence.cross_rules import CrossRules
from ringfence.rules import RuleSet
from ringfence.sources import Source

_COMMON: Final[dict[str, Any]] = {
    "venue": "gate",
    "product": "perpetual futures",
    "contract_types": ("linear", "inverse"),
    "size_unit": "contracts",
    # The contract's exit fee, not the account's 0.05 %: it is what the trigger and the margin hold.
    "taker_fee_rate": 0.00075,
    "trigger_fee": "taker_at_mark",
    "initial_margin_fee": "entry_value",  # opening puts the exit fee into the box as well
    "screen_ratio": "balance / requirement",
    "screen_ratio_name": "MMR (Maintenance Margin Ratio)",
    "box": BoxRules(
        steps=(
            Step(action="cancel_orders"),
            Step(action="step_down", price="bankruptcy", repeats=True),
            Step(action="take_over", price="bankruptcy"),
        ),
        remainder_to="venue",
    ),
    "not_modelled": (
        "hedge mode in isolated margin, where the larger side's rate counts",
        "unified account",
    ),
}
_AT_BANKRUPTCY: Final = (
    "a step down is closed at the bankruptcy price, as help 22081 says of every liquidation"
)
_PROCESS: Final = Source(
    title="Liquidation process",
    url="https://www.gate.com/help/futures/futures-logic/22159/liquidation-process",
    read=date(2026, 11, 23),
)
_INITIAL: Final = Source(
    title="Initial Margin",
    url="https://www.gate.com/help/futures/perpetual/22148",
    read=date(2026, 11, 23),
)
_FUND: Final = Source(
    title="Insurance Fund",
    url="https://www.gate.com/help/futures/futures-logic/22081",
    read=date(2026, 11, 24),
)

_CROSS: Final[dict[str, Any]] = {
    "pair": "larger",
    "confidence": "medium",
    "sources": (
        Source(
            title="Liquidation process",
            url="https://www.gate.com/help/futures/futures-logic/22159/liquidation-process",
            read=date(2026, 11, 24),
        ),
        Source(
            title="Announcement of 2024-07-10: margin of the higher-value position in hedge mode",
            url="https://www.gate.com/announcements/article/37783",
            read=date(2026, 11, 24),
        ),
    ),
    "not_modelled": (
        "unified account: several currencies, orders and forced repayment",
        "open orders",
        "liquidation in steps of one risk limit: it comes after the trigger",
    ),
}
_CROSS_ASSUMED: Final = (
    "the price: the isolated formula with the pool as its wallet, the others at their marks (no"
    " formula and no recorded account was found)",
    "the exit fee stands in the trigger, 0.075 % as in isolated margin",
    "initial margin on the entry value, as isolated, without the exit fee",
)

RULES: Final = (
    RuleSet(
        **_COMMON,
        cross=CrossRules(
            **_CROSS,
            assumed=(
                *_CROSS_ASSUMED,
                "the larger side's margin before 2024-07 too",
                "the tier that holds the value; until 2025-07 the user chose the risk limit"
                " himself",
            ),
        ),
        schedule="slab",
        confidence="medium",
        sources=(_INITIAL, _PROCESS, _FUND),
        assumed=(
            "the tier that holds the value; until 2025-07 the user chose the risk limit himself",
            "an inverse position follows the support's formula of 2023: no record was found",
            "the liquidation steps, which changed on 2024-09-24, are the ones since",
            _AT_BANKRUPTCY,
        ),
    ),
    RuleSet(
        **_COMMON,
        effective_from=date(2025, 7, 29),
        cross=CrossRules(**_CROSS, assumed=_CROSS_ASSUMED),
        schedule="bracket",
        confidence="medium",
        sources=(
            _INITIAL,
            _PROCESS,
            _FUND,
            Source(
                title="Risk Limit Explanation",
                url="https://www.gate.com/help/futures/futures-logic/22162",
                read=date(2026, 11, 23),
            ),
        ),
        assumed=(
            "all contracts changed on 2025-07-29 (the change came in batches from that day)",
            "the screen's maintenance margin holds the exit fee, as the liquidation price does",
            "an inverse position follows the support's formula of 2023: no record was found",
            _AT_BANKRUPTCY,
        ),
    ),
)
