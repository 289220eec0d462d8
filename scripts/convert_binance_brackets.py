"""Convert recorded Binance USDS-M leverage brackets into Ringfence's venue data file.

    python scripts/convert_binance_brackets.py INPUT OUTPUT

INPUT is a JSON object with the keys ``source``, ``columns``, ``units`` and ``symbols``; each symbol
(spelled as ccxt does, ``BTC/USDT:USDT``) holds rows of floor, cap, maintenance margin rate, maximum
leverage, maintenance amount. OUTPUT is ``core/ringfence/venues/data/binance.json``: symbols as
Binance spells them (``BTCUSDT``), identical tables stored once, the cap left out (the next floor).

Every table is checked and a broken one stops the conversion: floors start at 0 and rise without a
gap, rates rise and stay below 1, and the maintenance margin is continuous where two brackets meet.
"""

from __future__ import annotations

import argparse
import json
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

LINE_LENGTH = 100
INPUT_COLUMNS = [
    "notional_floor",
    "notional_cap",
    "maintenance_margin_rate",
    "max_leverage",
    "maintenance_amount",
]
OUTPUT_COLUMNS = ["floor", "maintenance_margin_rate", "max_leverage", "maintenance_amount"]
SOURCE = (
    "Binance GET /fapi/v1/leverageBracket (default account), as recorded in freqtrade/exchange/"
    "binance_leverage_tiers.json of https://github.com/freqtrade/freqtrade, release 2026.9 "
    "(a contract that expired on 2026-09-25 is still listed; packed on 2026-09-29)"
)
AS_OF = "2026-09-24"
RELATIVE_TOLERANCE = Decimal("1e-6")
# In the quote currency; below a floor of 100 (ETHBTC is quoted in BTC) a 10,000th of the floor.
ABSOLUTE_TOLERANCE = Decimal("0.01")

Row = list[Decimal]
Table = list[Row]


def venue_symbol(unified: str) -> str:
    """Spell a ccxt symbol as Binance does.

    >>> venue_symbol("BTC/USDC:USDC"), venue_symbol("BTC/USDT:USDT-261225")
    ('BTCUSDC', 'BTCUSDT_261225')
    """
    pair, _, settle = unified.partition(":")
    base, _, quote = pair.partition("/")
    settle, _, expiry = settle.partition("-")
    if not base or not quote or settle != quote:
        raise ValueError(f"{unified}: not a linear symbol of the form BASE/QUOTE:QUOTE[-YYMMDD]")
    return f"{base}{quote}_{expiry}" if expiry else f"{base}{quote}"


def problems(rows: Table) -> list[str]:
    """Say in words what is wrong with one input table; an empty list when nothing is."""
    found: list[str] = []
    if rows[0][0] != 0:
        found.append(f"starts at {rows[0][0]}, not at 0")
    if rows[0][4] != 0:
        found.append(f"first maintenance amount is {rows[0][4]}, not 0")
    if not all(0 < row[2] < 1 for row in rows):
        found.append("a rate is not between 0 and 1")
    for before, row in pairwise(rows):
        if row[0] <= before[0] or row[2] <= before[2] or row[3] > before[3]:
            found.append(f"bracket at {row[0]} does not step up from the one before")
        if before[1] != row[0]:
            found.append(f"gap or overlap between {before[1]} and {row[0]}")
        expected = before[4] + row[0] * (row[2] - before[2])
        off = abs(row[4] - expected)
        limit = max(RELATIVE_TOLERANCE * abs(expected), min(ABSOLUTE_TOLERANCE, row[0] / 10_000))
        if off > limit:
            found.append(f"maintenance amount at {row[0]} is {row[4]}, continuity says {expected}")
    return found


def number(value: Decimal) -> str:
    """Write a figure as short as it can be without changing it: 300000, not 300000.0."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def wrapped(entries: list[str], indent: str) -> str:
    """Join entries with commas, starting a new indented line before LINE_LENGTH is passed."""
    lines: list[str] = []
    line = ""
    for index, entry in enumerate(entries):
        text = entry + ("," if index < len(entries) - 1 else "")
        if line and len(indent) + len(line) + 1 + len(text) > LINE_LENGTH:
            lines.append(indent + line)
            line = text
        else:
            line = f"{line} {text}" if line else text
    lines.append(indent + line)
    return "\n".join(lines)


def convert(raw: dict[str, Any]) -> str:
    """Return the text of the venue data file for one recorded input."""
    if raw["columns"] != INPUT_COLUMNS:
        raise ValueError(f"columns are {raw['columns']}, expected {INPUT_COLUMNS}")
    tables: list[str] = []
    contracts: list[str] = []
    broken: list[str] = []
    for unified, cells in sorted(raw["symbols"].items(), key=lambda item: venue_symbol(item[0])):
        rows: Table = [list(row) for row in cells]
        symbol = venue_symbol(unified)
        broken += [f"{symbol}: {problem}" for problem in problems(rows)]
        kept = (f"[{', '.join(number(row[column]) for column in (0, 2, 3, 4))}]" for row in rows)
        table = f"[{', '.join(kept)}]"
        if table not in tables:
            tables.append(table)
        key = json.dumps(symbol, ensure_ascii=False)
        contracts.append(f"{key}: [{tables.index(table)}, 1]")
    if broken:
        raise ValueError("\n".join(broken))
    listed = ",\n".join(f"    {table}" for table in tables)
    return (
        "{\n"
        '  "venue": "binance",\n'
        f'  "source": {json.dumps(SOURCE)},\n'
        f'  "as_of": "{AS_OF}",\n'
        '  "floor_unit": "quote",\n'
        f'  "columns": {json.dumps(OUTPUT_COLUMNS)},\n'
        f'  "tables": [\n{listed}\n  ],\n'
        f'  "contracts": {{\n    "linear": {{\n{wrapped(contracts, "      ")}\n    }}\n  }}\n'
        "}\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Convert the file named first into the file named second."""
    parser = argparse.ArgumentParser(description="Convert recorded Binance leverage brackets.")
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args(arguments)
    raw = json.loads(
        options.input.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal
    )
    try:
        text = convert(raw)
    except ValueError as error:
        print(f"convert_binance_brackets: {error}", file=sys.stderr)
        return 1
    options.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
