"""A book's risk as text: a table for the terminal, CSV and JSON for other programs."""

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from ringfence import inputs
from ringfence_templates.text_safe import FORMULA_STARTS

_TERMINAL_COLUMNS: Final = {
    "venue": "venue",
    "symbol": "symbol",
    "margin_mode": "mode",
    "account": "account",
    "side": "side",
    "size": "size",
    "mark_price": "mark",
    "liquidation_price": "liq. price",
    "venue_liquidation_price": "on its screen",
    "liquidation_distance": "distance",
    "margin_ratio": "ratio",
    "max_loss": "max loss",
    "settle": "in",
    "status": "status",
}
_PERCENT: Final = {"liquidation_distance", "margin_ratio"}


def joined(frame: pd.DataFrame, risk: pd.DataFrame) -> pd.DataFrame:
    """The file's columns, then the output columns; an output replaces a column of its own name."""
    kept = [
        at for at, name in enumerate(frame.columns) if inputs.column_name(name) not in risk.columns
    ]
    return pd.concat([frame.iloc[:, kept], risk], axis=1)


def inert(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, made plain; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return value if inputs.number_from_text(value) is not None else f"'{value}"
    return value


def as_csv(table: pd.DataFrame) -> str:
    """The whole table as CSV; no cell can act as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([inert(str(name)) for name in table.columns])
    for row in table.itertuples(index=False, name=None):
        writer.writerow(["" if inputs.is_blank(cell) else inert(cell) for cell in row])
    return out.getvalue()


def as_json(table: pd.DataFrame) -> str:
    """A list of objects; what has no value is null, and so is what JSON has no number for."""
    names = [str(name) for name in table.columns]
    records = [
        dict(zip(names, map(_json_value, row), strict=True))
        for row in table.itertuples(index=False, name=None)
    ]
    return json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"


def _json_value(cell: Any) -> Any:
    if isinstance(cell, (list, dict)):
        return cell
    if inputs.is_blank(cell) or (isinstance(cell, float) and math.isinf(cell)):
        return None
    return cell.item() if hasattr(cell, "item") else cell


def as_text(table: pd.DataFrame) -> str:
    """The columns that matter, aligned for a terminal."""
    columns = {inputs.column_name(name): table.iloc[:, at] for at, name in enumerate(table.columns)}
    if "mark_price" not in columns and "entry_price" in columns:
        columns["mark_price"] = columns["entry_price"]
    shown = [name for name in _TERMINAL_COLUMNS if name in columns]
    lines = [["row", *(_TERMINAL_COLUMNS[name] for name in shown)]]
    for row in range(len(table)):
        status = str(columns["status"].iloc[row])
        lines.append(
            [str(row + 1), *(_shown(name, columns[name].iloc[row], status) for name in shown)]
        )
    return aligned(lines)


def _shown(name: str, cell: Any, status: str) -> str:
    if name in ("liquidation_price", "liquidation_distance") and status == "never liquidated":
        return "never"
    if inputs.is_blank(cell):
        return ""
    if isinstance(cell, float):
        if name in _PERCENT:
            return f"{cell:.2%}" if math.isfinite(cell) else "bankrupt"
        return f"{cell:,.8g}"
    text = "".join(c if c.isprintable() else "?" for c in str(cell).strip())
    return text if name == "status" or len(text) <= 28 else f"{text[:25]}..."


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Rows of cells as columns: numbers to the right, text to the left."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [all(_numeric(line[at]) for line in lines[1:]) for at in range(len(widths))]
    return "".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, right, strict=True)
        ).rstrip()
        + "\n"
        for line in lines
    )


def _numeric(text: str) -> bool:
    plain = text.rstrip("%").replace(",", "")
    return text in ("", "never", "bankrupt") or inputs.number_from_text(plain) is not None
