"""What a person sees of a day's differences."""

from dataclasses import replace

from services.ingest.commands.differences import listed, neutral
from services.ingest.domain.reconciling import Difference, Kind
from tests.kit.ingest import DAY


def test_a_report_is_listed_by_kind_and_its_cells_compute_nothing() -> None:
    balance = Difference(DAY, Kind.BALANCE, "1", "equity", "3.5", "3")
    matched = Difference(DAY, Kind.MATCHED, None, "movements", "7", "7")
    lines = list(listed([balance, replace(balance, account="2"), matched], most=1))
    assert lines[0].split()[:2] == ["matched", "7"]
    assert "    ***  equity  3.5 → 3" in lines
    assert len([line for line in lines if "equity" in line]) == 1
    assert [neutral(cell) for cell in ("=A1", "-1", "", "+x")] == ["'=A1", "-1", "", "'+x"]
