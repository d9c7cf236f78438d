"""The broker's files: their form, and books that agree with themselves."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.synthetic.company import File
from deploy.synthetic.drop import write
from deploy.synthetic.play import Play
from deploy.synthetic.script import Seen, Withdraw
from deploy.synthetic.stage import Stage
from shared.kernel.trading_day import TradingDay, china

DAY = TradingDay(date(2026, 6, 1))


def play(accounts: int = 300, seed: int = 7) -> Play:
    return Play.of(Stage(DAY, china()), accounts, seed)


def rows(file: File) -> list[list[str]]:
    return [line.split("@") for line in file.lines if not line.split("@")[1].startswith("89999")]


@pytest.fixture(scope="module")
def played() -> Play:
    return play()


def settled(played: Play) -> Iterator[TradingDay]:
    yield from played.stage.closings


def test_cusfund_has_its_twenty_three_columns_and_fundchg_its_twelve(played: Play) -> None:
    funds = rows(played.company.cusfund_file(DAY))
    moves = rows(played.company.fundchg_file(DAY))
    assert {len(row) for row in funds} == {23}
    assert {len(row) for row in moves} == {12}
    assert {row[0] for row in (*funds, *moves)} == {"2026-06-01"}
    assert {row[15] for row in funds} == {row[9] for row in moves} == {"CNY"}
    assert played.company.cusfund_file(DAY).name == "0001cusfund20260601.txt"
    assert played.company.fundchg_file(DAY).name == "0001fundchg20260601.txt"


def test_the_number_of_accounts_is_the_number_asked_for(played: Play) -> None:
    assert len(rows(played.company.cusfund_file(DAY))) == 300
    assert len({row[1] for row in rows(played.company.cusfund_file(DAY))}) == 300


def test_every_amount_has_two_decimals_or_three(played: Play) -> None:
    for row in rows(played.company.cusfund_file(DAY)):
        for cell in (*row[2:5], *row[6:14]):
            assert len(cell.partition(".")[2]) in (2, 3), row
    assert any(len(row[2].partition(".")[2]) == 3 for row in rows(played.company.fundchg_file(DAY)))


def test_what_an_account_had_and_what_moved_is_what_it_has(played: Play) -> None:
    late = {
        actor.account
        for actor in played.company.casts[0].actors
        for act in actor.episode.acts
        if isinstance(act, Withdraw) and act.seen is Seen.REPLACEMENT
    }
    for day in played.stage.closings:
        moved: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows(played.company.fundchg_file(day)):
            moved[row[1]] += Decimal(row[2])
        for row in rows(played.company.cusfund_file(day)):
            opening, closing, profit = Decimal(row[6]), Decimal(row[8]), Decimal(row[10])
            fees = opening + moved[row[1]] + profit - closing
            if row[1] not in late:
                assert 0 <= fees <= closing.copy_abs() / 1000, (day, row[1])


def test_what_an_account_had_is_what_it_closed_with_the_day_before(played: Play) -> None:
    before: dict[str, str] = {}
    for day in (*played.stage.history, played.stage.day):
        now = rows(played.company.cusfund_file(day))
        assert all(before.get(row[1], row[6]) == row[6] for row in now), day
        before = {row[1]: row[8] for row in now}


def test_nobody_has_more_available_than_equity(played: Play) -> None:
    for day in played.stage.closings:
        for row in rows(played.company.cusfund_file(day)):
            assert Decimal(row[3]) <= Decimal(row[2]), (day, row[1])
            assert Decimal(row[4]) == max(Decimal(0), -Decimal(row[3]))


def test_the_replacement_has_one_row_more_and_the_rest_unchanged(played: Play) -> None:
    first = list(played.company.fundchg_file(DAY).lines)
    second = list(played.company.fundchg_file(DAY, edition=2).lines)
    assert len(second) == len(first) + 1
    assert set(first) < set(second)


def test_the_replacement_of_the_funds_differs_where_something_was_put_right(played: Play) -> None:
    day = TradingDay(DAY)
    first, second = (rows(played.company.cusfund_file(day, edition)) for edition in (1, 2))
    episodes = {actor.account: actor.episode.name for actor in played.company.casts[0].actors}
    different = [a[1] for a, b in zip(first, second, strict=True) if a != b]
    assert {episodes[account] for account in different} == {"replaced", "restated"}


def test_an_agreement_is_renewed_in_the_evening_of_the_day(played: Play) -> None:
    before, after = (
        set(played.company.agreements_file(day).lines)
        for day in (played.stage.history[-1], played.stage.day)
    )
    (old,), (new,) = before - after, after - before
    assert old.split(",")[:3] == new.split(",")[:3]
    assert old.split(",")[3] < new.split(",")[3]


def test_the_same_day_seed_and_accounts_are_the_same_bytes_and_another_seed_others() -> None:
    def content(of: Play) -> list[str]:
        files = (*of.company.directory_files(DAY), *of.company.settlement_files(DAY))
        return [line for file in files for line in file.lines]

    assert content(play()) == content(play())
    assert content(play()) != content(play(seed=8))


def test_the_directory_knows_everybody_but_the_stranger(played: Play) -> None:
    staff, relations, baselines, agreements = (
        [line.split(",") for line in file.lines] for file in played.company.directory_files(DAY)
    )
    assert staff[0][0] == "staff_id"
    assert relations[0][:2] == ["account", "customer_id"]
    assert baselines[0][:4] == ["account", "opened_on", "last_trade_on", "last_position_on"]
    assert agreements[0] == ["account", "kind", "starts_on", "ends_on", "note"]
    assert {row[0] for row in agreements[1:]} <= {row[0] for row in relations[1:]}
    people = {row[0] for row in staff[1:]}
    assert {row[4] for row in relations[1:]} <= people
    assert "r001" in people
    strangers = {row[0] for row in baselines[1:]} - {row[0] for row in relations[1:]}
    assert strangers == played.company.casts[0].strangers()
    assert len(strangers) == 1


def test_a_file_appears_whole_in_gb18030_and_under_its_own_name_only(tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        yield "银期转账"
        assert [path.name for path in tmp_path.iterdir()] == [".a.txt.part"]
        yield "出金"

    path = write(tmp_path, File("a.txt", "gb18030", lines()))
    assert path.read_bytes().decode("gb18030") == "银期转账\r\n出金\r\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
