"""The broker's files about accounts and persons: their form, and persons who cannot exist."""

from datetime import date

import pytest

from deploy.synthetic.company import File
from deploy.synthetic.play import Play
from deploy.synthetic.stage import Stage
from shared.kernel.trading_day import TradingDay, china

DAY = TradingDay(date(2026, 6, 1))
LICENCE, NAME, ID_CARD, ACCOUNT, PHONE = 13, 1, 2, 3, 7


def rows(file: File) -> list[list[str]]:
    return [line.split("@") for line in file.lines]


@pytest.fixture(scope="module")
def played() -> Play:
    return Play.of(Stage(DAY, china()), 300, 7)


def files(played: Play) -> dict[str, list[list[str]]]:
    made = played.company.registry_files(DAY)
    return {file.name: rows(file) for file in made}


def test_each_file_has_the_columns_of_the_appendix(played: Play) -> None:
    widths = {name: {len(row) for row in found} for name, found in files(played).items()}
    assert widths == {
        "0001customer20260601.txt": {28},
        "0001cuscode20260601.txt": {4},
        "0001cusaccount20260601.txt": {9},
    }


def test_everybody_but_the_stranger_is_in_them_once(played: Play) -> None:
    customers, codes, banks = files(played).values()
    accounts = [row[ACCOUNT] for row in customers]
    known = {client.account for client in played.company.clients(DAY)}
    strangers = played.company.casts[0].strangers()
    assert len(accounts) == len(set(accounts))
    assert set(accounts) == known - strangers == {row[1] for row in codes}
    assert [row[1] for row in banks] == accounts
    assert strangers


def test_nobody_in_them_exists(played: Play) -> None:
    customers, _, _ = files(played).values()
    for row in customers:
        assert (row[ID_CARD] or row[LICENCE]).startswith("000000")
        assert (len(row[ID_CARD] or row[LICENCE]), row[PHONE][:3], len(row[PHONE])) == (
            18,
            "169",
            11,
        )


def test_the_accounts_of_one_client_are_one_persons(played: Play) -> None:
    customers, _, _ = files(played).values()
    of = {client.account: client.customer_id for client in played.company.clients(DAY)}
    numbers = {(of[row[ACCOUNT]], row[ID_CARD] + row[LICENCE]) for row in customers}
    assert len(numbers) == len({customer for customer, _ in numbers}) < len(customers)


def test_an_account_that_is_not_open_yet_is_not_in_them(played: Play) -> None:
    late = {c.account for c in played.company.clients(DAY) if c.opened_on > date(2019, 1, 1)}
    early = TradingDay(date(2019, 1, 2))
    written = {row[ACCOUNT] for row in rows(played.company.registry_files(early)[0])}
    assert late
    assert not late & written


def test_a_day_after_the_play_has_the_actors_alone(played: Play) -> None:
    some, all_ = (
        len(rows(played.company.registry_files(DAY, whole=whole)[0])) for whole in (False, True)
    )
    assert 0 < some < all_


def test_the_day_s_files_hold_them(played: Play) -> None:
    kinds = [file.name[4:-12] for file in played.company.settlement_files(DAY)]
    assert kinds[:3] == ["customer", "cuscode", "cusaccount"]
    assert {"fundchg", "cusfund"} <= set(kinds)
