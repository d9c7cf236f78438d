"""The bench's day has every kind of CFMMC file, and every line of it is good."""

from pathlib import Path

import pytest

from bench.brokers_files import DAY, FILES, write_files
from services.ingest.domain.naming import recognise
from services.ingest.domain.positional import Positional
from services.ingest.domain.source import Context
from services.ingest.domain.sources import catalogue
from shared.kernel.trading_day import TradingDay, china

ACCOUNTS = 40


def test_it_has_every_kind_of_cfmmc_file() -> None:
    assert {name for name, kind in catalogue().items() if isinstance(kind, Positional)} == set(
        FILES
    )


@pytest.mark.parametrize("kind", FILES)
def test_every_line_is_read(tmp_path: Path, kind: str) -> None:
    assert write_files(tmp_path, ACCOUNTS) > 5 * ACCOUNTS
    (path,) = tmp_path.glob(f"0001{kind}2026*.txt")
    named = recognise(path.name, china())
    reading = named.source.parse(path.read_bytes(), Context(china(), TradingDay(DAY)))
    assert [bad.reason for bad in reading.bad] == []
    assert len(reading.good) == len(list(FILES[kind](ACCOUNTS))) > 0
