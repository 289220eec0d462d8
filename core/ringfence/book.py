"""Many positions: table in, table out, a row for a row; a bad row says why and spoils no other.

The columns are those of :mod:`ringfence.inputs`. The arithmetic is that of
:mod:`ringfence.position`, on NumPy arrays; pandas appears only in :func:`evaluate`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ringfence import inputs, position, rounding
from ringfence.boxes import Boxes, TermsColumns
from ringfence.errors import InputError, RuleMissingError
from ringfence.rows import Columns, Rows
from ringfence.solver import Floats

if TYPE_CHECKING:
    import pandas as pd

Objects = NDArray[np.object_]
OUTPUTS: Final = position.Risk._fields
VENUE_PRICE: Final = "venue_liquidation_price"  # the column of tables that are asked for it


def evaluate(
    positions: "pd.DataFrame",
    *,
    accounts: "pd.DataFrame | None" = None,
    as_of: date | str | None = None,
    venue_rounding: bool = False,
) -> "pd.DataFrame":
    """The risk of each position: one row out for each row in, with the same index.

    Parameters
    ----------
    positions : DataFrame
        Input columns as in :data:`ringfence.inputs.COLUMNS` (case and spaces in the names do not
        matter; other columns are ignored). Rates are fractions, prices quote per base.
    accounts : DataFrame, optional
        Columns account, venue, wallet_balance. Isolated boxes do not draw on the account, so it
        has no say here; cross rows come back as errors.
    as_of : date or ISO text, optional
        Day whose rules apply where a row's own ``as_of`` is blank. Default: today.
    venue_rounding : bool
        Add the column ``venue_liquidation_price``: the liquidation price as the venue's
        screen rounds it, null where that is not known.

    Returns
    -------
    DataFrame
        The columns :data:`OUTPUTS`; money in settle currency. A row that cannot be computed has
        nulls and the status ``error: field: what is wrong``. ``liquidation_price`` is null with the
        status ``never liquidated`` where no price liquidates the position.
    """
    import pandas as pd

    book = assess_table(positions, as_of=as_of)
    columns = dict(book.risk)
    if venue_rounding:
        columns[VENUE_PRICE] = book.venue_liquidation_price()
    return pd.DataFrame(columns, index=positions.index)


def assess_table(
    positions: "pd.DataFrame",
    *,
    as_of: date | str | None = None,
    refused: Mapping[int, str] | None = None,
) -> "BookRisk":
    """:func:`assess_columns` for a DataFrame; ``refused`` is by row number."""
    names = [inputs.column_name(name) for name in positions.columns]
    columns: dict[str, NDArray[Any]] = {
        str(name): _plain_array(positions.iloc[:, names.index(name)])
        for name in inputs.COLUMNS
        if name in names
    }
    twice = [name for name in columns if names.count(name) > 1]
    return assess_columns(columns, len(positions), as_of=as_of, ambiguous=twice, refused=refused)


@dataclass(frozen=True, slots=True)
class BookRisk:
    """The risk of each position of a book, and what is needed to add positions up.

    Every array has one element a row, and NaN or None for a row in error; ``risk`` has the columns
    :data:`OUTPUTS`. ``settle_price`` is what one unit of the row's settle currency is worth in
    dollars (USDT, USDC and USD count as one): 1 for linear, the mark price for inverse, NaN where
    it cannot be known (quanto, ETH/BTC).
    """

    risk: dict[str, NDArray[Any]]
    terms: Objects  # lookup.Terms
    contract_type: Objects
    side_sign: Floats
    size: Floats
    entry_price: Floats
    mark_price: Floats
    settle_price: Floats

    def venue_liquidation_price(self) -> Floats:
        """Each liquidation price as the venue's screen rounds it; NaN where that is not known."""
        column = np.full(len(self.terms), np.nan)
        prices = self.risk["liquidation_price"].tolist()
        for row, (its, side, price) in enumerate(
            zip(self.terms, self.side_sign.tolist(), prices, strict=True)
        ):
            if its is not None and price == price:
                try:
                    column[row] = rounding.rounded(its, side, price)
                except RuleMissingError:
                    continue
        return column


def _plain_array(column: "pd.Series[Any]") -> NDArray[Any]:
    """The column's values: floats where it is plainly numeric, else objects."""
    if column.dtype.kind in "fiu":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return column.to_numpy(dtype=object)


def assess_columns(
    columns: Columns,
    n: int,
    *,
    as_of: date | str | None = None,
    ambiguous: Iterable[str] = (),
    refused: Mapping[int, str] | None = None,
) -> BookRisk:
    """:func:`evaluate` for a mapping of column name -> ``n`` values, without pandas.

    ``ambiguous`` names columns that the table holds more than once: every row is then an error,
    because which one was meant cannot be known. ``refused`` has the reasons of rows that the reader
    of a file could not make sense of.
    """
    rows = Rows(columns, n)
    rows.give_up(refused or {})
    for name in ambiguous:
        rows.refuse(range(n), InputError(name, "the table has this column more than once"))
    default_day = inputs.parse_date(as_of) or date.today()

    venue = rows.labels("venue", inputs.parse_text)
    symbol = rows.labels("symbol", inputs.parse_text)
    kind = rows.labels("contract_type", lambda v: inputs.parse_choice("contract_type", v))
    mode = rows.labels("margin_mode", lambda v: inputs.parse_choice("margin_mode", v))
    sign = rows.labels("side", lambda v: inputs.parse_choice("side", v))
    day = rows.labels("as_of", lambda v: inputs.parse_date(v) or default_day)
    number = {name: rows.numbers(field) for name, field in inputs.NUMBERS.items()}

    rows.refuse_where(mode.equals("cross"), position.CROSS)
    rows.refuse_where(venue.equals(""), inputs.missing("venue"))
    rows.refuse_where(sign.equals(None), inputs.missing("side"))
    for name in ("size", "entry_price"):
        rows.refuse_where(np.isnan(number[name]), inputs.missing(name))
    wallet, leverage = number["isolated_margin"], number["leverage"]
    no_margin = np.isnan(wallet) & np.isnan(leverage) & ~rows.refused_for("leverage")
    rows.refuse_where(no_margin, position.MISSING_MARGIN)

    code, its = rows.terms(
        [venue, symbol, day, kind],
        [number[name] for name in ("contract_size", "mmr", "maintenance_amount")],
        number["taker_fee_rate"],
    )
    kept = np.flatnonzero(rows.good)
    of_terms = TermsColumns(its)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        boxes = Boxes(
            of_terms,
            code[kept],
            side_sign=sign.floats()[kept],
            size=number["size"][kept],
            entry=number["entry_price"][kept],
            mark=number["mark_price"][kept],
            wallet=wallet[kept],
            leverage=leverage[kept],
            funding_rate=number["funding_rate"][kept],
            taker_fee_rate=number["taker_fee_rate"][kept],
        )
        risk = boxes.risk()
    rows.refuse(kept[~boxes.in_range], position.TOO_LARGE)
    for row in np.flatnonzero(boxes.in_range & boxes.beyond_tiers).tolist():
        rows.refuse([kept[row]], its[boxes.code[row]].beyond_tiers)
    answered = rows.good[kept]
    kept, boxes_kept = kept[answered], np.flatnonzero(answered)

    def spread(values: NDArray[Any]) -> NDArray[Any]:
        """Values of the boxes as a column of all rows; null where a row was refused."""
        whole = np.full(n, None if values.dtype == object else np.nan, dtype=values.dtype)
        whole[kept] = values[boxes_kept]
        return whole

    columns_out = {name: spread(risk[name]) for name in OUTPUTS}
    for row, problem in rows.problems.items():
        columns_out["status"][row] = problem
    return BookRisk(
        risk=columns_out,
        terms=spread(of_terms.itself[boxes.code]),
        contract_type=spread(of_terms.contract_type[boxes.code]),
        side_sign=spread(boxes.side_sign),
        size=spread(boxes.size),
        entry_price=spread(boxes.entry),
        mark_price=spread(boxes.mark),
        settle_price=spread(boxes.settle_price()),
    )
