"""Speed, side by side in one run: ``python benchmarks/run.py``. Prints ratios, asserts nothing."""

import platform
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import ringfence
from ringfence import tiers
from ringfence.solver import PackedSchedules
from ringfence_addin.functions import RF_LIQ_PRICE, RF_RISK

N, SYMBOLS, SEED = 1_000_000, 200, 7


def best(run: Callable[[], object], repeat: int = 5) -> float:
    """Seconds of the fastest of some runs: the one least disturbed by the machine."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def book(n: int) -> tuple[list[tiers.Contract], dict[str, np.ndarray]]:
    """``n`` positions in ``SYMBOLS`` Binance contracts, notionals over the whole ladder."""
    random = np.random.default_rng(SEED)
    contracts = list(tiers.tier_file("binance").contracts.values())[:SYMBOLS]
    entry = random.lognormal(3, 2, n)
    return contracts, {
        "code": random.integers(0, SYMBOLS, n).astype(np.intp),
        "side": random.choice([1.0, -1.0], n),
        "size": random.lognormal(10, 2, n) / entry,
        "entry": entry,
        "leverage": random.integers(2, 50, n).astype(float),
    }


def solve(packed: PackedSchedules, its: dict[str, np.ndarray]) -> np.ndarray:
    """Liquidation prices alone, tiers exact at the liquidation price."""
    notional = its["size"] * its["entry"]
    intercept = notional / its["leverage"] - its["side"] * notional
    return (
        packed.liquidation_notional(its["code"], its["side"], intercept, notional, its["size"])
        / its["size"]
    )


def loop(contracts: list[tiers.Contract], its: dict[str, np.ndarray]) -> list[float]:
    """The formula of the tools people use today: the tier at entry, one position after another."""
    rows = [
        [(t.floor, t.maintenance_margin_rate, t.maintenance_amount) for t in c.tiers]
        for c in contracts
    ]
    prices = []
    columns = (its[name].tolist() for name in ("code", "side", "size", "entry", "leverage"))
    for code, side, size, entry, leverage in zip(*columns, strict=True):
        notional = size * entry
        _, rate, amount = next(row for row in reversed(rows[code]) if notional >= row[0])
        wallet = notional / leverage
        prices.append((wallet + amount - side * notional) / (size * (rate - side)))
    return prices


def table(contracts: list[tiers.Contract], its: dict[str, np.ndarray], n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "venue": "binance",
            "symbol": [contracts[code].symbol for code in its["code"][:n]],
            "side": np.where(its["side"][:n] > 0, "long", "short"),
            "size": its["size"][:n],
            "entry_price": its["entry"][:n],
            "leverage": its["leverage"][:n],
        }
    )


def import_seconds(*statements: str) -> list[float]:
    """Seconds of the fastest of nine rounds; the statements take turns, so that noise hits all."""
    rounds = [
        [
            best(lambda: subprocess.run([sys.executable, "-c", code], check=True), repeat=1)  # noqa: B023
            for code in statements
        ]
        for _ in range(9)
    ]
    return [min(times) for times in zip(*rounds, strict=True)]


def main() -> None:
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, pandas {pd.__version__}")
    contracts, its = book(N)
    packed = PackedSchedules([c.schedule("bracket") for c in contracts])
    fast, slow = best(lambda: solve(packed, its)), best(lambda: loop(contracts, its), repeat=2)
    apart = np.abs(solve(packed, its) / np.array(loop(contracts, its)) - 1) > 1e-9
    print(f"liquidation price, {N:,} positions of {SYMBOLS} symbols, exact tiers:")
    print(f"  ringfence            {fast:7.3f} s  {N / fast / 1e6:6.1f} million a second")
    print(f"  loop, tier at entry  {slow:7.3f} s  {slow / fast:6.1f} times as long")
    print(f"  the loop is wrong for {apart.mean():.1%} of them")

    rows = table(contracts, its, 100_000)
    print(f"evaluate, 100,000 rows, all columns: {best(lambda: ringfence.evaluate(rows)):.3f} s")

    call = ("binance", "BTCUSDT", "long", 50.0, 60_000.0, None, 20.0)
    calls = 20_000
    seconds = best(lambda: [RF_LIQ_PRICE(*call) for _ in range(calls)])
    print(f"RF_LIQ_PRICE in process: {seconds / calls * 1e6:.1f} us a call")
    small = rows.head(1_000)
    cells = [list(small.columns), *small.to_numpy(dtype=object).tolist()]
    print(f"RF_RISK, 1,000 rows: {best(lambda: RF_RISK(cells)) * 1e3:.1f} ms")

    bare, alone, formulas, xlwings = import_seconds(
        "pass", "import ringfence", "import ringfence_addin.functions", "import xlwings"
    )
    print(f"import ringfence: {alone:.3f} s (Python itself {bare:.3f} s)")
    print(f"import the formulas: {formulas:.3f} s, {formulas / xlwings:.2f} times xlwings alone")


if __name__ == "__main__":
    main()
