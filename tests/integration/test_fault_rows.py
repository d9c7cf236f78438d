"""The fault rows in their short form; `make fault` runs the long one."""

from argparse import Namespace
from pathlib import Path

import pytest

from tests.fault import kill_mot

ZEROS = ("lost", "phantom", "twice", "disorder", "changed")


@pytest.mark.full
@pytest.mark.integration
async def test_k1_mot_killed_three_times_changes_no_alert(tmp_path: Path) -> None:
    result = await kill_mot.run(Namespace(kills=3, seed=11), tmp_path)
    assert result["work_remained"] == result["kills"] == 3, (
        "a kill with nothing left proves nothing"
    )
    assert result["expected"] > 100
    assert {word: result[word] for word in ZEROS} == dict.fromkeys(ZEROS, 0), result
