"""The fault rows in their short form; `make fault` runs the long one."""

from pathlib import Path

import pytest

from tests.fault.asked import Asked
from tests.fault.campaign import failed
from tests.fault.catalogue import catalogue

FEWEST = {
    "K1": 3,
    "K5": 2,
    "K6": 2,
    "B1": 1,
    "D3": 3,
    "M1": 24,
    "M2": 1,
    "M3": 1,
    "R1": 4,
    "C2": 24,
}
ROWS = catalogue()
pytestmark = [pytest.mark.full, pytest.mark.integration]


@pytest.mark.parametrize("name", ROWS)
async def test_a_row_in_its_short_form(name: str, tmp_path: Path) -> None:
    found = await ROWS[name].run(Asked(FEWEST[name], seed=11), tmp_path)
    assert not failed(found), found
    assert found["kills"] == FEWEST[name]
    assert min(found["expected"], found["delivered"]) > 100, "an empty side proves nothing"
