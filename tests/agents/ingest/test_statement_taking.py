"""Statements are taken account by account: each thing once, whoever says it first."""

from decimal import Decimal
from typing import Any

import pytest

from services.ingest.agent.taking import Fate
from tests.kit import cfmmc
from tests.kit.ingest import cusfund, fundchg, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED
from tests.kit.statements import Says
from tests.kit.telling_broker import TellingBroker

NAME = "80012345_20260601.txt"
BOUGHT = ("rb2610", "买", "开", "2", "3110.000", "10.00", "0.00", "T1")
SOLD = ("rb2610", "卖", "平", "1", "3120.000", "10.00", "-500.00", "T2")
HELD = ["rb2610", "买", "20260601", "1", "3110.000", "6240.00"]
FULL = (
    Says()
    .moved("-300.00")
    .traded(BOUGHT, SOLD)
    .closed(["rb2610", "卖", "1", "3110.000", "3120.000", "-500.00"])
    .held(HELD)
    .delivered(["rb2606", "卖", "1", "3000.00", "30000.00", "5.00"])
)


class Site(TellingBroker):
    """A broker over fake books that is sent statements."""

    async def send(self, says: Says, name: str = NAME) -> Any:
        return await self.intake.take(name, says.data())


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_statement_tells_its_account_s_whole_day_in_order(site: Site) -> None:
    outcome = await site.send(FULL)
    assert (outcome.fate, outcome.good, outcome.bad) == (Fate.TAKEN, 1, 0)
    assert site.types() == [
        "funds.withdrawn",
        "trade.settled",
        "trade.settled",
        "order.closed-out",
        "position.delivered",
        "positions.settled",
        "account.settled",
    ]
    assert {event["source"] for event in site.books.now.told()} == {"guanchao/statement"}
    settled = site.last("account.settled")
    assert {name: settled[name] for name in ("equity", "commission", "traded_lots")} == {
        "equity": "99580.00",
        "commission": "20",
        "traded_lots": 3,
    }
    (holding,) = site.last("positions.settled")["holdings"]
    assert (holding["lots"], holding["today_lots"], holding["margin"]) == (1, 1, "6240")


async def test_the_same_statement_again_says_nothing_under_any_name(site: Site) -> None:
    await site.send(FULL)
    told = len(site.books.now.told())
    assert (await site.send(FULL)).fate is Fate.KNOWN
    outcome = await site.send(FULL, "80012345_结算单_20260601.txt")
    assert (outcome.fate, outcome.notes["unchanged"]) == (Fate.TAKEN, 1)
    assert len(site.books.now.told()) == told


async def test_a_corrected_statement_tells_the_difference(site: Site) -> None:
    await site.send(FULL)
    before = len(site.books.now.told())
    changed = FULL.moved("-200.00").traded((*BOUGHT[:5], "12.00", "0.00", "T1"))
    await site.send(changed.but(figures={"手 续 费 Commission": "12.00"}))
    told = site.books.now.told()[before:]
    said = [(e["type"], e["data"].get("cancelled")) for e in told]
    assert said == [
        ("funds.withdrawn", None),
        ("funds.reversed", None),
        ("trade.settled", True),
        ("trade.settled", False),
        ("order.closed-out", True),
        ("order.closed-out", False),
        ("account.settled", None),
    ]
    assert len({event["id"] for event in site.books.now.told()}) == len(site.books.now.told())


async def test_going_back_to_what_was_said_before_is_said_again(site: Site) -> None:
    for fee in ("10.00", "11.00", "10.00"):
        await site.send(Says(figures={"手 续 费 Commission": fee}))
    fees = [event["data"]["commission"] for event in site.books.now.told("account.settled")]
    assert fees == ["10", "11", "10"]


async def test_a_movement_told_live_is_the_statement_s_and_what_it_lacks_is_reversed(
    site: Site,
) -> None:
    await site.post(
        withdrew("300.00", "a", account="80012345"), withdrew("7", "b", account="80012345")
    )
    await site.post(withdrew("7", "c", account="80012346"))
    await site.send(Says().moved("-300.00"))
    reversed_ = site.books.now.told("funds.reversed")
    assert [event["data"]["reverses"] for event in reversed_] == ["b"]
    assert len(site.books.now.told("funds.withdrawn")) == 3


async def test_a_table_with_a_bad_row_takes_nothing_back(site: Site) -> None:
    await site.post(withdrew("7", "b", account="80012345"))
    outcome = await site.send(Says().moved("-300.00", "x"))
    assert (outcome.good, outcome.bad) == (1, 1)
    assert site.books.now.told("funds.reversed") == []
    (letter,) = site.books.now.letters()
    assert letter.headers
    assert letter.headers["reason"] == "出入金明细 入金: not an amount: 'x'"
    assert "sealed" in letter.headers
    assert "张小明".encode() not in letter.body


async def test_a_day_that_cfmmc_s_files_have_settled_is_not_settled_again(site: Site) -> None:
    await site.drop(FUNDS, fundchg("80012345", "-300.00"))
    line = cusfund("80012345", "99580.00", "93340.00").replace("@1000.000@", "@100000.000@")
    await site.drop(SETTLED, line)
    await site.drop(
        cfmmc.name("trddata"), cfmmc.line("trddata", account="80012345", volume="3", fee="20")
    )
    await site.drop(cfmmc.name("holddata"), cfmmc.line("holddata", account="80012345", volume="1"))
    before = site.types()
    outcome = await site.send(FULL)
    assert outcome.bad == 0
    assert site.types()[len(before) :] == ["order.closed-out", "position.delivered"]


async def test_a_statement_that_contradicts_the_files_settles_again(site: Site) -> None:
    await site.drop(SETTLED, cusfund("80012345", "99581.00", "93340.00"))
    await site.send(Says())
    equities = [e["data"]["equity"] for e in site.books.now.told("account.settled")]
    assert [Decimal(text) for text in equities] == [99581, 99580]


async def test_cfmmc_s_files_after_a_statement_say_only_what_is_new(site: Site) -> None:
    await site.send(FULL)
    before = len(site.types())
    await site.drop(FUNDS, fundchg("80012345", "-300.00"))
    line = cusfund("80012345", "99580.00", "93340.00").replace("@1000.000@", "@100000.000@")
    await site.drop(SETTLED, line)
    assert site.types()[before:] == ["day.closed"]


async def test_both_layouts_of_a_day_are_one_day_with_both_profits(site: Site) -> None:
    await site.send(FULL)
    await site.send(FULL.but(layout="tbt"), "80012345_tbt_statement_20260601.txt")
    assert len(site.books.now.told("account.settled")) == 1
    assert len(site.books.now.told("funds.withdrawn")) == 1
    sold = site.books.now.told("trade.settled")[-1]["data"]
    assert (sold["trade_id"], sold["profit_mtm"], sold["profit_tbt"]) == ("T2", "-500", "-500")


async def test_an_account_that_holds_no_more_tells_an_empty_book_once(site: Site) -> None:
    await site.send(Says(date="20260529").held(["rb2610", "买", "20260529", "1", "1", "1"]))
    await site.send(Says())
    await site.send(Says(date="20260602"))
    books = [
        (event["data"]["trading_day"], len(event["data"]["holdings"]))
        for event in site.books.now.told("positions.settled")
    ]
    assert books == [("2026-05-29", 1), ("2026-06-01", 0)]


async def test_a_file_of_many_statements_settles_each_account(site: Site) -> None:
    data = b"".join(FULL.but(account=f"8{n:07}").data() for n in range(20))
    data += FULL.but(account="80000003", figures={"手 续 费 Commission": "1.00"}).data()
    outcome = await site.intake.take("statements_20260601.txt", data)
    assert (outcome.good, outcome.bad) == (21, 0)
    settled = [e["data"]["account"] for e in site.books.now.told("account.settled")]
    assert sorted(settled) == sorted([*(f"8{n:07}" for n in range(20)), "80000003"])
    assert len(site.books.now.told("funds.withdrawn")) == 20


async def test_a_month_s_statement_is_refused_and_the_day_s_beside_it_is_kept(site: Site) -> None:
    refused = await site.send(Says(date="202605"))
    assert refused.fate is Fate.REFUSED
    assert "a day's statement is needed" in refused.reason
    both = Says(date="202605").data() + FULL.data()
    outcome = await site.intake.take("statements.txt", both)
    assert (outcome.fate, outcome.good, outcome.bad) == (Fate.TAKEN, 1, 1)
