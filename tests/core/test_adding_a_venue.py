"""Adding a venue touches its file, its figures and its answers: nothing else knows the venues."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import ringfence

CORE = Path(ringfence.__file__).parent
CHECK = """
import ringfence
from ringfence import tiers, venues

assert "newvenue" in venues.names()
assert venues.document("newvenue").startswith("Newvenue")
assert tiers.tier_file("newvenue").contracts
risk = ringfence.assess(venue="newvenue", symbol="ETH", side="short", size=1, entry_price=3_000,
                        leverage=10)
assert risk.rule.startswith("newvenue") and risk.liquidation_price > 3_000, risk
"""


def test_three_files_make_a_venue(tmp_path: Path) -> None:
    shutil.copytree(CORE, tmp_path / "ringfence", ignore=shutil.ignore_patterns("__pycache__"))
    venues = tmp_path / "ringfence" / "venues"
    for path in (venues / "lighter.py", venues / "data" / "lighter.json"):
        text = path.read_text("utf-8").replace("Lighter", "Newvenue").replace("lighter", "newvenue")
        (path.parent / path.name.replace("lighter", "newvenue")).write_text(text, "utf-8")
    subprocess.run(
        [sys.executable, "-c", CHECK],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
    )
    answers = Path(__file__).parents[1] / "answers"
    assert (answers / "lighter.csv").is_file()  # the third file: the tests find it by its name
