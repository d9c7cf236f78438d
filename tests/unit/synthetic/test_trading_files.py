"""The broker's files of trading and holding: their form, and books that agree with themselves."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from deploy.synthetic.cfmmc_trading import WRITERS
from deploy.synthetic.play import Play
from deploy.synthetic.stage import Stage
from shared.kernel.trading_day import TradingDay, china

DAY = TradingDay(date(2026, 6, 1))
COLUMNS = {
    "trddata": 21,
    "opttrddata": 25,
    "liquiddetails": 16,
    "optliquiddetails": 19,
    "delivdetails": 13,
    "otherfund": 9,
    "holddetails": 18,
    "holddata": 18,
    "optholddata": 22,
}
Rows = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def played() -> Play:
    return Play.of(Stage(DAY, china()), 400, 7)


@pytest.fixture(scope="module")
def days(played: Play) -> dict[date, Rows]:
    """Return every kind's good rows of the play's days."""
    return {day: rows(played, day) for day in (*played.stage.history, played.stage.day)}


def rows(played: Play, day: TradingDay, edition: int = 1) -> Rows:
    found: Rows = defaultdict(list)
    for file in played.company.trading_files(day, edition):
        kind = file.name.removeprefix("0001").partition("2026")[0]
        split = (line.split("@") for line in file.lines)
        found[kind] = [cells for cells in split if not cells[1].startswith("89999")]
    return found


def funds(played: Play, day: TradingDay, column: int) -> dict[str, Decimal]:
    lines = (line.split("@") for line in played.company.cusfund_file(day).lines)
    return {c[1]: Decimal(c[column]) for c in lines if not c[1].startswith("89999")}


def sums(of: list[list[str]], column: int) -> Counter[str]:
    total: Counter[str] = Counter()
    for cells in of:
        total[cells[1]] += Decimal(cells[column])  # type: ignore[assignment]
    return total


def test_every_kind_is_written_in_its_columns(days: dict[date, Rows]) -> None:
    assert set(WRITERS) == set(COLUMNS)
    for kind, columns in COLUMNS.items():
        written = [cells for found in days.values() for cells in found[kind]]
        assert written, kind
        assert {len(cells) for cells in written} == {columns}
        assert all(cells[0] == str(day) for day, found in days.items() for cells in found[kind])


def test_what_was_held_opened_closed_and_delivered_adds_up(days: dict[date, Rows]) -> None:
    """Only the quiet clients: an actor's one lot stands for a margin."""
    before: Counter[tuple[str, str, str]] | None = None
    for found in days.values():
        held = Counter[tuple[str, str, str]]()
        for cells in (*found["holddata"], *found["optholddata"]):
            held[cells[1], cells[2], cells[3]] += int(cells[5])
        if before is not None:
            moved = Counter(before)
            for kind, offset in (("trddata", 9), ("opttrddata", 9)):
                for cells in found[kind]:
                    opens = cells[offset] == "O"
                    side = cells[4] if opens else {"B": "S", "S": "B"}[cells[4]]
                    moved[cells[1], cells[3], side] += int(cells[5]) * (1 if opens else -1)
            for cells in found["delivdetails"]:
                moved[cells[1], cells[2], cells[3]] -= int(cells[8])
            assert _quiet(moved) == _quiet(held)
        before = held


def _quiet(lots: Counter[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    return {place: count for place, count in lots.items() if count and place[0][0] == "7"}


def test_margins_fees_and_profits_are_those_of_the_funds(
    played: Play, days: dict[date, Rows]
) -> None:
    for day, found in days.items():
        on = TradingDay(day)
        margin = sums([*found["holddata"], *found["optholddata"]], 6)
        paid = sums(found["trddata"], 13) + sums(found["opttrddata"], 11)
        paid += sums(found["delivdetails"], 9) + sums(found["otherfund"], 4)
        earned = sums(found["trddata"], 11)
        earned.update(sums(found["optliquiddetails"], 17))
        earned.update(sums([*found["holddata"], *found["optholddata"]], 7))
        earned.update(sums(found["delivdetails"], 10))
        equity, available, profit = (funds(played, on, column) for column in (2, 3, 10))
        moved = sums([line.split("@") for line in _movements(played, on)], 2)
        opening, closing = funds(played, on, 6), funds(played, on, 8)
        for account in equity:
            assert margin[account] == equity[account] - available[account], (day, account)
            assert earned[account] == profit[account], (day, account)
            if account.startswith("7"):
                fees = opening[account] + moved[account] + profit[account] - closing[account]
                assert fees == paid[account], (day, account)


def _movements(played: Play, day: TradingDay) -> list[str]:
    lines = played.company.fundchg_file(day).lines
    return [line for line in lines if not line.split("@")[1].startswith("89999")]


def test_every_close_out_is_of_a_trade_of_the_day_and_of_what_was_held(
    days: dict[date, Rows],
) -> None:
    for found in days.values():
        trades = {(c[1], c[2], c[4], c[5]) for c in (*found["trddata"], *found["opttrddata"])}
        for cells in (*found["liquiddetails"], *found["optliquiddetails"]):
            assert (cells[1], cells[3], cells[4], cells[7]) in trades


def test_a_night_trade_bears_the_date_that_its_exchange_gives_it(days: dict[date, Rows]) -> None:
    night = [cells for cells in days[DAY]["trddata"] if cells[8] >= "20:00"]
    assert {(cells[15], cells[20]) for cells in night} >= {("D", "2026-06-01"), ("S", "2026-05-29")}


def test_the_replacement_differs_where_the_funds_do(played: Play) -> None:
    first, second = rows(played, DAY), rows(played, DAY, edition=2)
    changed = {
        cells[1]
        for kind in COLUMNS
        for cells in (*first[kind], *second[kind])
        if (cells in first[kind]) != (cells in second[kind])
    }
    episodes = {actor.account: actor.episode.name for actor in played.company.casts[0].actors}
    assert {episodes[account] for account in changed} <= {"replaced", "restated"}
    assert changed


def test_a_day_that_is_told_in_part_has_no_such_files(played: Play) -> None:
    names = [file.name for file in played.company.settlement_files(DAY, whole=False)]
    assert not [name for name in names for kind in WRITERS if kind in name]
