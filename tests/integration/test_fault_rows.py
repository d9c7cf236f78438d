"""The fault rows in their short form, in `make test`; `make fault` runs the long one."""

import json
import os
from pathlib import Path

import pytest

from tests.fault.asked import Asked
from tests.fault.campaign import failed
from tests.fault.catalogue import catalogue

ROWS = catalogue()
FEWEST = {
    "K1": 2,
    "M1": 25,  # each kind once
    "M2": 1,
    "B1": 1,
    "K6": 1,
    "D3": 3,  # each fault once
    "K5": 1,
    "R1": 1,
    "M3": 3,  # a median of spells: one alone is the machine's mood
    "C2": 10,
    "K3": 3,
    "M1_INGEST": 40,
    "K2": 3,
    "P1": 2,
    "P3": 2,
    "P2": 3,  # each burst once
    "P4": 1,
    "P5": 2,  # each way once
    "P6": 1,
    "D1": 3,  # each fault once
    "C1": 4,  # an hour and a day, on and back
}
"""Row → faults."""
LONG = {
    "M3",
    "K2",
    "P1",
    "P3",
    "P2",
    "P4",
    "P5",
    "P6",
    "D1",
    "C1",
}  # M3 compares times, so nothing may run beside it
OVER_A_MINUTE = {"P4", "P6", "D1"}
pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


def test_every_row_has_a_short_form() -> None:
    assert FEWEST.keys() == ROWS.keys()


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.full] * (n in LONG)) for n in FEWEST]
)
async def test_a_row_in_its_short_form(name: str, tmp_path: Path) -> None:
    if name in OVER_A_MINUTE and "TEST_BUDGET_S" in os.environ:
        pytest.skip("make test-full runs it: it takes more than a minute")
    found = await ROWS[name].run(Asked(FEWEST[name], seed=11), tmp_path)
    assert not failed(found), json.dumps(found, default=str, ensure_ascii=False)
    assert found["kills"] == FEWEST[name]
    assert min(found["expected"], found["delivered"]) > 100, "an empty side proves nothing"
