"""Speed, side by side in one run: ``python benchmarks/run.py``. Prints ratios, asserts nothing."""

import platform
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

import ringfence
from ringfence import stress, tiers
from ringfence.accounts import from_frame
from ringfence.book import assess_columns
from ringfence.pools import CrossPositions, PoolWallets
from ringfence.solver import PackedSchedules
from ringfence_addin.functions import RF_LIQ_PRICE, RF_RISK

N, SYMBOLS, SEED = 1_000_000, 200, 7
BOT: Final = 1.45  # seconds for 1,000 cross positions in one account, on a machine like this one


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


def cross_book(n: int, accounts: int, symbols: int) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """``n`` cross positions of ``symbols`` Binance contracts in ``accounts`` accounts."""
    random = np.random.default_rng(SEED)
    listed = [c.symbol for c in tiers.tier_file("binance").contracts.values() if c.quote == "USDT"]
    number = np.arange(n)
    mark = random.lognormal(3, 2, symbols)[number // accounts % symbols]
    names = np.array([f"account {at}" for at in range(accounts)], object)
    columns = {
        "venue": np.full(n, "binance", object),
        "symbol": np.array(listed[:symbols], object)[number // accounts % symbols],
        "margin_mode": np.full(n, "cross", object),
        "account": names[number % accounts],
        "side": random.choice(np.array(["long", "short"], object), n),
        "size": random.lognormal(7, 1, n) / mark,
        "entry_price": mark * random.uniform(0.9, 1.1, n),
        "mark_price": mark,
        "leverage": np.full(n, 10.0),
    }
    held = pd.DataFrame(
        {"account": names, "venue": "binance", "wallet_balance": 500.0 * n / accounts}
    )
    return columns, held


def cross_loop(columns: dict[str, np.ndarray], wallet: float) -> list[float]:
    """As popular bots do it: for each position, sums over all the others, the tier at the mark."""
    rows = {
        c.symbol: [(t.floor, t.maintenance_margin_rate, t.maintenance_amount) for t in c.tiers]
        for c in tiers.tier_file("binance").contracts.values()
    }
    names = ("symbol", "side", "size", "entry_price", "mark_price")
    its = list(zip(*(columns[name].tolist() for name in names), strict=True))

    def tier(symbol: str, notional: float) -> tuple[float, float, float]:
        return next(row for row in reversed(rows[symbol]) if notional >= row[0])

    prices = []
    for at, (symbol, side, size, entry, mark) in enumerate(its):
        spare = wallet
        for other, (name, way, amount, bought, now) in enumerate(its):
            if other != at:
                _, rate, off = tier(name, amount * now)
                gain = amount * (now - bought)
                spare += (gain if way == "long" else -gain) - (amount * now * rate - off)
        _, rate, off = tier(symbol, size * mark)
        sign = 1.0 if side == "long" else -1.0
        prices.append((spare + off - sign * size * entry) / (size * (rate - sign)))
    return prices


def cross() -> None:
    """Cross pools: whole tables, and the pools alone once a table is read."""
    for n, accounts, symbols, label in (
        (1_000, 1, 250, "one account of 1,000 cross positions"),
        (N, 100_000, 10, f"{N:,} cross positions in 100,000 accounts"),
    ):
        columns, held = cross_book(n, accounts, symbols)
        wallets = from_frame(held)
        book = assess_columns(columns, n, accounts=wallets)
        assert book.pools
        pools = book.pools
        wallets_of = PoolWallets(pools.wallet, pools.coins)

        def again(pools: CrossPositions = pools, its: PoolWallets = wallets_of) -> object:
            fresh = CrossPositions(pools._its, pools._cross, pools.rows, pools.pool)
            fresh.fund(its)
            return fresh.risk()

        def prices(pools: CrossPositions = pools, its: PoolWallets = wallets_of) -> object:
            fresh = CrossPositions(pools._its, pools._cross, pools.rows, pools.pool)
            fresh.fund(its)
            return fresh.rows.price(fresh._of_rows(fresh.liquidation))

        print(f"{label}:")
        only, alone = best(prices, 20 if n <= 1_000 else 5), best(again)
        whole = best(partial(assess_columns, columns, n, accounts=wallets), repeat=3)
        print(f"  liquidation prices alone    {only * 1e3:9.2f} ms")
        print(f"  pools alone, all columns    {alone * 1e3:9.2f} ms")
        print(f"  from the table's columns    {whole * 1e3:9.2f} ms")
        if n <= 1_000:
            balance = float(held["wallet_balance"][0])
            slow = best(partial(cross_loop, columns, balance), repeat=1)
            print(f"  loop over all pairs         {slow * 1e3:9.2f} ms, {slow / only:,.0f} times")
            print(f"  a popular bot, as reported  {BOT * 1e3:9.2f} ms, {BOT / only:,.0f} times")


def shocks() -> None:
    """What the sheets of event_risk ask of a book of pools, a cell a path."""
    columns, held = cross_book(300, 100, 10)
    book = assess_columns(columns, 300, accounts=from_frame(held))
    one, two, *_ = sorted({its.base for its in book.terms})
    moves = np.linspace(-0.5, 0.5, 11).tolist()
    grid = best(lambda: stress.heat_map(book, (one, moves), (two, moves)), repeat=2)
    joint = best(lambda: stress.joint_shock(book), repeat=2)
    print("300 cross positions in 100 accounts:")
    print(f"  heat map, 11 x 11           {grid * 1e3:9.2f} ms")
    print(f"  joint shock                 {joint * 1e3:9.2f} ms")


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

    cross()
    shocks()

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
