"""Formulas about one isolated position: where it stands now, and what happens to it over time."""

from typing import Any, Final

from ringfence import (
    assess,
    dynamics,
    liquidation_price,
    sizing,
    venue_liquidation_price,
)
from ringfence_addin import cells
from ringfence_addin.catalogue import formula
from ringfence_addin.formulas.common import POSITION_DOCS, answer, table


@formula(POSITION_DOCS)
def RF_LIQ_PRICE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Liquidation price of an isolated position by the venue's own rule: the first adverse
    price at which its equity is down to the requirement. Text "never" where there is none."""
    return answer(lambda **p: cells.scalar(liquidation_price(**p)), locals())


@formula(POSITION_DOCS)
def RF_MARGIN_RATIO(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Maintenance requirement / margin balance of an isolated position at the mark price;
    liquidation at 1 (100 %) or more. The same way up for every venue. Text "bankrupt" where the
    balance is gone."""
    return answer(lambda **p: cells.scalar(assess(**p).margin_ratio), locals())


@formula(POSITION_DOCS)
def RF_MAINT_MARGIN(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Maintenance margin of an isolated position, as the venue computes it, in settle currency
    (quote for linear, base for inverse)."""
    return answer(lambda **p: cells.scalar(assess(**p).maintenance_margin), locals())


@formula(POSITION_DOCS)
def RF_INIT_MARGIN(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Initial margin of an isolated position at its leverage, as the venue computes it, in
    settle currency."""
    return answer(lambda **p: cells.scalar(assess(**p).initial_margin), locals())


@formula(POSITION_DOCS)
def RF_BANKRUPTCY_PRICE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Price at which the box's equity is zero. Text "never" where there is none."""
    return answer(lambda **p: cells.scalar(assess(**p).bankruptcy_price), locals())


@formula(POSITION_DOCS)
def RF_LIQ_DISTANCE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """How far the mark price is from the liquidation price, as a fraction of the mark price; 0
    or below: already there. Text "never" where there is none."""
    return answer(lambda **p: cells.scalar(assess(**p).liquidation_distance), locals())


@formula({**POSITION_DOCS, "tick": "Step of the contract's price, quote per base. Blank: on file"})
def RF_VENUE_LIQ_PRICE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None, tick=None,
):  # fmt: skip
    """RF_LIQ_PRICE as the venue's own screen rounds it, to put beside the venue's figure. #VALUE!
    where how it rounds, or the contract's tick, is not on file."""
    return answer(lambda **p: cells.scalar(venue_liquidation_price(**p)), locals())


# Over time


@formula(
    {
        **POSITION_DOCS,
        "target_price": "Liquidation price to reach, on the adverse side of the mark price",
        "target_ratio": "Or: margin ratio to reach, below 1 (0.5, or 50%)",
    }
)
def RF_TOP_UP(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None, target_price=None, target_ratio=None,
):  # fmt: skip
    """Margin to add so that the box is liquidated at a target price, or has a target ratio, in
    settle currency. Below 0: so much more than that is in it. The leverage given stays as it
    is; a blank one follows the margin."""
    return answer(lambda **p: cells.scalar(dynamics.top_up(**p)), locals())


@formula(POSITION_DOCS)
def RF_WITHDRAWABLE(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """Margin that the venue lets out of the box at the mark price, in settle currency; above the
    wallet where a profit may leave (hyperliquid, dydx). #VALUE! where its limit is not on file,
    #N/A where leverage is blank."""
    return answer(lambda **p: cells.scalar(dynamics.withdrawable(**p)), locals())


@formula(
    {
        **POSITION_DOCS,
        "funding_rate": "Funding rate of one interval, a fraction; above 0: longs pay",
        "interval_hours": "Hours between two fundings. Blank: 8",
        "account_free": "What the account can pay first, where the venue asks it first. Blank: 0",
    }
)
def RF_FUNDING_DAYS(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None, interval_hours=None, account_free=None,
):  # fmt: skip
    """Days until funding alone liquidates the box, the price standing still. Text "never" where
    the box receives it or the account pays. #VALUE! where who pays is not on file, #N/A where
    funding_rate is blank or 0."""
    return answer(lambda **p: cells.scalar(dynamics.funding_bleed(**p).days), locals())


@formula(
    {**POSITION_DOCS, "account_free": "What the account has free for auto-margin"},
    returns_table=True,
)
def RF_AUTO_ADD(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None, account_free=None,
):  # fmt: skip
    """What auto-margin adds to the box by the venue's rule until the account is dry: price, margin
    added, account left, wallet (in settle currency), liquidation price then. Needs leverage where
    the venue adds initial margin."""
    given = locals()

    def rows(account_free: Any = None, **position: Any) -> list[list[Any]]:
        path = dynamics.auto_add_path(account_free=account_free, **position)
        return [list(dynamics.Refill._fields), *map(_cells, path)]

    return table(rows, given)


# In the column action, below the steps. Workbooks know them by their order: new ones at the end
_PATH_TOTALS: Final = (
    "to_trader", "to_venue", "fees", "to_market", "left_in_box", "shortfall", "fee_note",
)  # fmt: skip


@formula(
    {
        **POSITION_DOCS,
        "slippage": "How far a fill at market is from the price, a fraction. Blank: 0",
        "gap": "How far beyond the liquidation price a venue acts that closes as little as it must."
        " Blank or 0: 0.001. Refused where it makes more than 1000 steps",
    },
    returns_table=True,
)
def RF_LIQ_PATH(
    venue, symbol, side, size, entry_price, isolated_margin=None, leverage=None, mark_price=None,
    mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None, slippage=None, gap=None,
):  # fmt: skip
    """The venue's liquidation of the box step by step while the price goes on, in settle currency:
    action, price, fill, size closed and left, PnL, fee, margin left, next price; then who got
    the box: wallet + shortfall = market, fees, trader, venue, what stays."""
    given = locals()

    def rows(**position: Any) -> list[list[Any]]:
        path = dynamics.liquidation_path(**position)
        head = ["step", *dynamics.FILL_COLUMNS]
        lines = [
            [number, *_cells(getattr(fill, name) for name in dynamics.FILL_COLUMNS)]
            for number, fill in enumerate(path.fills, 1)
        ]
        for name in _PATH_TOTALS:
            lines.append(["", name, getattr(path, name), *[""] * (len(head) - 3)])
        return [head, *lines]

    return table(rows, given)


# Sizes and stops


SIZE_DOCS = {
    **POSITION_DOCS,
    "sigmas": "Size of the move in standard deviations, such as 3",
    "volatility": "Annual volatility, a fraction (0.6), at most 20",
    "days": "Horizon in days",
    "interval_hours": "Hours between two fundings. Blank: 8",
}


@formula(SIZE_DOCS)
def RF_MAX_SIZE(
    venue, symbol, side, entry_price, sigmas, volatility, days, isolated_margin=None, leverage=None,
    mark_price=None, mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None, interval_hours=None,
):  # fmt: skip
    """Largest size whose liquidation price a move of so many sigmas over so many days does not
    reach, after funding and the fee to close; the opening fee is not in it. Log-normal, no drift.
    Text "any" where every size does."""
    given = locals()

    def size(sigmas: Any = None, volatility: Any = None, days: Any = None, **rest: Any) -> Any:
        most = sizing.max_size(sigmas=sigmas, volatility=volatility, days=days, **rest)
        return cells.scalar(most, none="any")

    return answer(size, given)


@formula(
    {
        "mark_price": POSITION_DOCS["mark_price"],
        "barrier": "Price that may be touched, such as a liquidation price",
        "volatility": "Annual volatility, a fraction (0.6), at most 20",
        "days": "Horizon in days",
        "side": "long or short, where the barrier is that position's liquidation price: 1 too where"
        " the mark is beyond it already. Blank: a price on either side",
    }
)
def RF_TOUCH_PROB(mark_price, barrier, volatility, days, side=None):
    """Probability that the price touches the barrier within the days: log-normal, without drift
    of the price, watched all the time, no gaps. For a liquidation price give the side too."""
    given = locals()
    if cells.single(barrier) == cells.NEVER:
        return 0.0
    return answer(lambda **p: sizing.touch_probability(**dict.fromkeys(given) | p), given)


@formula(
    {
        **POSITION_DOCS,
        "stop_price": "Stop-loss price, on the adverse side of the mark price",
        "slippage": "How far the fill is from the stop, a fraction. Blank: 0",
        "account_equity": "Equity of the whole account, for the share at risk. Blank: not shown",
    },
    returns_table=True,
)
def RF_STOP_CHECK(
    venue, symbol, side, size, entry_price, stop_price, isolated_margin=None, leverage=None,
    mark_price=None, mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None, slippage=None, account_equity=None,
):  # fmt: skip
    """Loss since entry at a stop, with slippage and the fee to close but not to open, at most the
    margin; fee, slippage, what comes first, liquidation price, distance, share of equity, a note.
    In settle currency. A header row and a row."""
    given = locals()

    def rows(stop_price: Any = None, **position: Any) -> list[list[Any]]:
        check = sizing.stop_check(stop_price=stop_price, **position)
        shown = check._replace(liquidation_price=cells.scalar(check.liquidation_price))
        return [list(sizing.StopCheck._fields), _cells(shown)]

    return table(rows, given)


@formula(
    {
        **POSITION_DOCS,
        "wallet_balance": "Wallet of the account in settle currency, the box included",
    },
    returns_table=True,
)
def RF_COMPARE_MODES(
    venue, symbol, side, size, entry_price, wallet_balance, isolated_margin=None, leverage=None,
    mark_price=None, mmr=None, maintenance_amount=None, taker_fee_rate=None, contract_type=None,
    contract_size=None, funding_rate=None, as_of=None,
):  # fmt: skip
    """One position isolated, with half the leverage, with the whole account behind it, and at 1x:
    leverage, margin that can be lost, liquidation price, distance, margin ratio, a note (no such
    mode, too little in the wallet). In settle currency."""
    given = locals()

    def rows(wallet_balance: Any = None, **position: Any) -> list[list[Any]]:
        modes = sizing.compare_modes(wallet_balance=wallet_balance, **position)
        lines = []
        for mode in modes:
            never = mode.margin is not None and mode.liquidation_price is None
            lines.append(
                [cells.NEVER if never and value is None else cells.cell(value) for value in mode]
            )
        return [list(sizing.Mode._fields), *lines]

    return table(rows, given)


def _cells(values: Any) -> list[Any]:
    return [cells.cell(value) for value in values]
