"""The page that Excel loads, in a real Chromium: each formula called as Excel calls it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from calc.test_addin import BOXES, sample
from ringfence_addin.catalogue import Formula
from ringfence_addin.functions import FORMULAS, RF_LIQ_PRICE, RF_RISK
from server.browser import OFFICE_HOST, OFFICE_PATH, Page, missing, office
from server.running import Running

BTC: list[Any] = ["binance", "BTCUSDT", "long", 50, 60_000, None, 20]


@pytest.fixture(scope="session")
def page(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if reason := missing():
        if os.environ.get("RINGFENCE_REQUIRE_CHROMIUM") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("chromium")
    with office(folder) as port:
        opened = Page(folder / "profile", port)
        try:
            opened.open(server.origin)
            yield opened
        finally:
            opened.driver.quit()


def from_excel(value: Any) -> Any:
    """An argument as Excel hands it over: the blank cells of a range are empty texts."""
    if isinstance(value, list):
        return [["" if cell is None else cell for cell in row] for row in value]
    return value


def in_cells(result: Any) -> Any:
    if isinstance(result, list):
        return [["" if cell is None else cell for cell in row] for row in result]
    return result


def test_the_page_is_ready_and_asks_only_us_and_microsoft(page: Page, server: Running) -> None:
    page.requests()
    page.open(server.origin)
    status = "return document.getElementById('status').textContent"
    assert page.script(status) == f"Ready: {len(FORMULAS)} formulas."
    assert page.excel("RF_LIQ_PRICE", *BTC) == RF_LIQ_PRICE(*BTC)
    asked = page.requests()
    ours = [address for address in asked if address.startswith(f"{server.origin}/")]
    assert {urlsplit(address).path for address in ours} >= {
        "/taskpane.html", "/taskpane.css", "/functions.js", "/call",
    }  # fmt: skip
    assert set(asked) - set(ours) == {f"https://{OFFICE_HOST}{OFFICE_PATH}"}
    assert page.console() == []


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_every_formula_shows_pythons_figure(page: Page, formula: Formula) -> None:
    arguments = sample(formula)
    shown = page.excel(formula.name, *map(from_excel, arguments))
    assert shown == in_cells(formula.function(*arguments))
    assert page.console() == []


def test_every_formula_of_the_metadata_is_associated(page: Page) -> None:
    assert page.script("return Object.keys(CustomFunctions.associated)") == list(FORMULAS)
    declared = "return (await (await fetch('/functions.json')).json()).functions.map(f => f.id)"
    assert page.script(declared) == list(FORMULAS)


def test_errors_are_excels_own(page: Page) -> None:
    def code(*arguments: Any) -> Any:
        return page.excel("RF_LIQ_PRICE", *arguments)["error"]

    assert code() == "#N/A"
    assert code("binance", "BTCUSDT", "long", 50) == "#N/A"
    assert code("nowhere", *BTC[1:]) == "#VALUE!"
    assert code("binance", "BTCUSDT", "long", 50, [[1], [2]], None, 20) == "#VALUE!"
    assert page.excel("RF_VENUES", 1)["message"] == "RF_VENUES takes 0 arguments"


@pytest.mark.parametrize(
    "cell",
    ["{ type: 'Error', errorType: 'Num', basicType: 'Error', basicValue: '#NUM!' }",
     "new CustomFunctions.Error(CustomFunctions.ErrorCode.invalidNumber)"],
)  # fmt: skip
def test_an_error_cell_as_argument(page: Page, cell: str) -> None:
    """Both forms in which Excel hands one over, alone and in a range."""
    call = f"'binance', 'BTCUSDT', 'long', 50, {cell}, null, 20"
    assert page.script(f"return await excel('RF_LIQ_PRICE', [{call}])")["error"] == "#NUM!"
    rows = [list(map(from_excel, row)) for row in BOXES]
    table = page.script(
        f"const rows = given[0]; rows[2][4] = {cell}; return await excel('RF_RISK', [rows])", rows
    )
    expected = [list(row) for row in BOXES]
    expected[2][4] = "#NUM!"
    assert table == in_cells(RF_RISK(expected))
    status = table[0].index("status")
    assert "#NUM!" in table[2][status]
    assert table[1][status] == "ok"


def test_other_values_of_excel(page: Page) -> None:
    expected = RF_LIQ_PRICE(*BTC)
    for blank in ("null", "undefined", "''", "0"):
        call = f"'binance', 'BTCUSDT', 'long', 50, 60000, {blank}, 20"
        assert page.script(f"return await excel('RF_LIQ_PRICE', [{call}])") == expected
    formatted = "{ type: 'FormattedNumber', basicType: 'Double', basicValue: 60000 }"
    call = f"'binance', 'BTCUSDT', 'long', 50, {formatted}, null, 20"
    assert page.script(f"return await excel('RF_LIQ_PRICE', [{call}])") == expected


MANY = """
const calls = [];
for (let size = 1; size <= given[0]; size += 1) {
  calls.push(excel("RF_LIQ_PRICE", ["binance", "BTCUSDT", "long", size, 60000, null, 20]));
}
return await Promise.all(calls);
"""


def test_calls_of_one_moment_share_requests(page: Page) -> None:
    page.requests()
    shown = page.script(MANY, 950)
    expected = [
        RF_LIQ_PRICE("binance", "BTCUSDT", "long", n, 60_000, None, 20) for n in range(1, 951)
    ]
    assert shown == expected
    assert len(set(expected)) > 1
    assert [urlsplit(its).path for its in page.requests()] == ["/call"] * 10


LARGE = """
const rows = [given[0]];
for (let row = 0; row < 4000; row += 1) rows.push(given[1]);
return await Promise.all(given[2].map((beta) => excel("RF_JOINT_SHOCK", [rows, [["BTC", beta]]])));
"""


def test_large_ranges_go_in_requests_of_their_own(page: Page) -> None:
    """Nine calls of some 0.4 MB: together more than the page puts into one request."""
    head = [*BOXES[0], "note"]
    row = [*map(from_excel, BOXES[1]), "x" * 40]
    page.requests()
    shown = page.script(LARGE, head, row, list(range(1, 10)))
    falls = [table[1][1] for table in shown]
    assert falls == sorted(set(falls))  # the larger the beta, the smaller the fall that it takes
    assert 2 < len(page.requests()) < 9


def test_a_call_larger_than_a_request_may_be(page: Page) -> None:
    shown = page.script("return await excel('RF_RISK', [[['x'.repeat(6000000)]]])")
    assert shown == {"error": "#N/A", "message": "Ringfence: a request has at most 5,000,000 bytes"}
    assert page.excel("RF_LIQ_PRICE", *BTC) == RF_LIQ_PRICE(*BTC)
    assert all("413" in line for line in page.console())


def test_a_server_that_is_gone_and_one_that_comes_back(page: Page, tmp_path: Path) -> None:
    server = Running(tmp_path / "log")
    try:
        page.open(server.origin)
        assert page.excel("RF_LIQ_PRICE", *BTC) == RF_LIQ_PRICE(*BTC)
        server.stop()
        assert page.excel("RF_LIQ_PRICE", *BTC) == {
            "error": "#N/A",
            "message": "The Ringfence server does not answer. Start it: ringfence server",
        }
        server = Running(tmp_path / "again", "--port", str(server.port))  # with another token
        assert page.excel("RF_LIQ_PRICE", *BTC) == RF_LIQ_PRICE(*BTC)
    finally:
        server.stop()
        page.console()


def test_what_the_policy_forbids_the_page_cannot_do(page: Page, server: Running) -> None:
    page.open(server.origin)
    page.console()
    assert "failed" in page.script("return (await fetch('https://evil.example/')).status")
    inline = "const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
    assert page.script(f"{inline} document.body.append(s); return window.ran ?? null") is None
    said = " ".join(page.console())
    assert "connect-src" in said
    assert "script-src" in said


FOREIGN = """
const headers = { "Content-Type": given[1], "X-Ringfence-Token": "guess" };
if (given[1] === "text/plain") delete headers["X-Ringfence-Token"];
const response = await fetch(given[0] + "/call", { method: "POST", headers, body: "{}" });
return response.status;
"""


FRAME = """
const frame = document.createElement("iframe");
frame.src = given[0] + "/taskpane.html";
document.body.append(frame);
await new Promise((resolve) => frame.addEventListener("load", resolve));
try { return frame.contentDocument && "read"; } catch { return "closed"; }
"""


def test_another_site_in_the_same_browser_gets_nothing(page: Page, server: Running) -> None:
    """One on this computer too, which a browser lets go further than one from outside."""
    page.driver.get(f"https://{OFFICE_HOST}/another-site")
    page.console()
    before = len(server.log())
    try:
        for kind in ("application/json", "text/plain"):
            assert "Failed to fetch" in page.script(FOREIGN, server.origin, kind)
        assert "Failed to fetch" in page.script("return await fetch(given[0])", server.origin)
        assert page.script(FRAME, server.origin) != "read"
        assert "frame-ancestors" in " ".join(page.console())
    finally:
        page.open(server.origin)
        page.console()
    refused = server.log()[before:]
    assert "POST /call 403" in refused
    assert "POST /call 200" not in refused
