"""Columns are data: versions with their days, and whatever is wrong about them is said at once."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.ingest.adapters.columns import columns_at
from services.ingest.domain.columns import WrongColumns, shipped
from services.ingest.domain.naming import recognise
from services.ingest.domain.positional import Positional
from services.ingest.domain.rows import Unreadable
from services.ingest.domain.source import Context
from services.ingest.domain.sources import catalogue
from shared.kernel.trading_day import TradingDay, china
from tests.kit import cfmmc
from tests.kit.ingest import DAY, cusfund, file, fundchg
from tests.kit.registry import cusaccount, cuscode, customer

LINES = {
    "cusfund": cusfund("1", "3"),
    "fundchg": fundchg("1", "-5"),
    "customer": customer("1"),
    "cuscode": cuscode("1"),
    "cusaccount": cusaccount("1"),
}
PAGE = Path(__file__).parents[3] / "docs" / "ingest" / "cfmmc.md"
(OURS,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def line(kind: str) -> str:
    return LINES.get(kind) or cfmmc.line(kind)


def kinds() -> dict[str, Positional[Any]]:
    return {name: kind for name, kind in catalogue().items() if isinstance(kind, Positional)}


def read(kind: Positional[Any], cells: dict[str, str]) -> object:
    return kind.read(cells, Context(china(), DAY))


def test_every_kind_of_cfmmc_file_has_its_columns_in_the_data() -> None:
    assert shipped().keys() == kinds().keys()
    assert len(kinds()) >= 13


@pytest.mark.parametrize("name", sorted(kinds()))
def test_the_needed_columns_are_those_without_which_a_row_is_not_read(name: str) -> None:
    kind = kinds()[name]
    columns = kind.columns_on(DAY)
    cells = dict(zip(columns.names, line(name).split("@"), strict=False))
    assert read(kind, {one: cells[one] for one in columns.needed})
    for one in columns.needed:
        with pytest.raises(KeyError, match=one):
            read(kind, {name: cell for name, cell in cells.items() if name != one})


def columns(folder: Path, text: str) -> tuple[Any, ...]:
    path = folder / "columns.yaml"
    path.write_text(text, encoding="utf-8")
    return columns_at(path)


@pytest.mark.parametrize(
    ("day", "row"), [("20260630", "1@S@00012345"), ("20260701", "S@1@00012345@b01")]
)
def test_a_files_day_says_which_version_it_is_read_by(tmp_path: Path, day: str, row: str) -> None:
    own = columns(tmp_path, OURS)
    named = recognise(f"0137cuscode{day}.txt", china(), own)
    assert named.day is not None
    reading = named.source.parse(file(f"{named.day}@{row}"), Context(china(), named.day))
    assert [good.row.account for good in reading.good] == ["1"]


def test_a_day_that_no_version_covers_is_refused_and_says_which_there_are(tmp_path: Path) -> None:
    told = yaml.safe_load(OURS)
    del told["editions"][1]
    (kind,) = columns(tmp_path, yaml.safe_dump(told))
    with pytest.raises(
        Unreadable,
        match=r"no columns of cuscode are known for 2026-07-01: "
        r"only hf-auto-script 0.1.4 \(–2026-06-30\)",
    ):
        kind.parse(file(cuscode("1")), Context(china(), TradingDay(date(2026, 7, 1))))


NEW = "{version: v2, files: {cuscode: {at_least: 4, columns: %s}}}"
GOOD = "date! account_id! exchange_flag! trading_code!"


@pytest.mark.parametrize(
    ("editions", "says"),
    [
        ("{version: v2, files: {cuscode: v1}}", "no version v1 is known; known: hf-auto-script"),
        ("{version: v2, files: {cuscodes: v1}}", "cuscodes is none of cusaccount, cuscode"),
        (NEW % GOOD.replace("trading_code!", "code"), "trading_code must stand in the first 4"),
        (NEW % f"{GOOD} tradingcode", "nobody reads tradingcode: write _tradingcode"),
        (NEW % f"{GOOD} date", "date stands twice"),
        (NEW % f"_x {GOOD}", "trading_code must stand in the first 4"),
        (f"{NEW % GOOD}, {NEW % GOOD}", "v2 and v2 hold on the same days"),
        (NEW.replace("v2", "v2, from: 2026-07-02, until: 2026-07-01") % GOOD, "is after until"),
        ("{version: v2, files: {}, name: x}", "editions.0.name: Extra inputs are not permitted"),
        ("{version: [", "not YAML: line 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_where(tmp_path: Path, editions: str, says: str) -> None:
    with pytest.raises(WrongColumns) as wrong:
        columns(tmp_path, f"editions: [{editions}]")
    assert says in str(wrong.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongColumns, match="No such file"):
        columns_at(tmp_path / "none.yaml")
