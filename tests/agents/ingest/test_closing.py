"""A day whose figures come by statements or pulls, closed by hand: whole or not at all."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from services.ingest.agent.closing import ByHand, View
from services.ingest.domain.closing import Objection
from shared.kernel.audit import Entry
from shared.kernel.trading_day import CHINA, TradingDay
from tests.kit.ingest import BEFORE, DAY, FakeBooks, cusfund, executed, posted, withdrew
from tests.kit.ingest_broker import SETTLED, Broker

EARLIER = SETTLED.replace("20260601", "20260529")
LOOK = Entry(datetime(2026, 6, 2, tzinfo=CHINA), "cli:li", (), "day.closed", str(DAY), "t")


class Site(Broker):
    """A broker whose files close nothing: a person does."""

    def __init__(self) -> None:
        self.books = FakeBooks()
        super().__init__(self.books.open)
        self.intake = replace(self.intake, closing=frozenset({"by-hand"}))

    async def settle(self, *accounts: str, day: TradingDay = DAY, equity: str = "5") -> None:
        name = SETTLED if day == DAY else EARLIER
        await self.drop(name, *(cusfund(account, equity, day=day) for account in accounts))

    async def close(self, *without: str, day: TradingDay = DAY) -> View:
        async with self.books.open() as books:
            taking = await self.intake.taking(books, day, 1)
            return await ByHand(taking, frozenset(without)).close(books, LOOK)

    def closed(self) -> list[str]:
        return [event["data"]["trading_day"] for event in self.books.now.told("day.closed")]


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_whole_day_is_closed_once_and_compared_again(site: Site) -> None:
    await site.settle("1", "2", day=BEFORE)
    await site.settle("1", "2")
    await site.post(withdrew("3", account="1"))
    first, second = await site.close(), await site.close()
    assert (first.closed, second.closed, site.closed()) == (False, True, [str(DAY)])
    (entry,) = site.books.now.audit
    assert (entry.actor, entry.action, entry.fields) == ("cli:li", "day.closed", ("settled=2",))
    assert DAY in site.books.now.reconciled.reports


async def test_who_had_money_the_day_before_must_have_figures(site: Site) -> None:
    await site.settle("1", "2", day=BEFORE)
    await site.settle("1")
    view = await site.close()
    assert (view.objection, view.standing.missing(frozenset())) == (Objection.MISSING, ["2"])
    assert (site.closed(), site.books.now.audit, site.books.now.closed) == ([], [], set())


async def test_an_account_that_was_left_empty_need_not_settle_again(site: Site) -> None:
    await site.settle("1", day=BEFORE, equity="0")
    await site.settle("2")
    assert (await site.close()).objection is None


@pytest.mark.parametrize(
    "told",
    [
        withdrew("3", account="7"),
        executed("T1", 1, account="7"),
        posted(
            "account.snapshotted",
            account="7",
            equity="1",
            available="1",
            at="2026-06-01T10:00:00+08:00",
        ),
    ],
)
async def test_of_whom_anything_was_told_must_have_figures(
    told: dict[str, object], site: Site
) -> None:
    await site.settle("1")
    await site.post(told)
    assert (await site.close()).standing.missing(frozenset()) == ["7"]
    await site.close("7", "8")
    assert site.closed() == [str(DAY)]
    assert site.books.now.audit[0].fields == ("settled=1", "without=7")


async def test_what_a_rehearsal_told_needs_no_figures(site: Site) -> None:
    await site.settle("1")
    await site.post(withdrew("3", account="7", rehearsal=True))
    assert (await site.close()).objection is None


async def test_a_day_without_figures_is_not_closed(site: Site) -> None:
    assert (await site.close()).objection is Objection.NOTHING


async def test_a_day_is_not_closed_before_it_is_over(site: Site) -> None:
    view = await site.close(day=TradingDay(date(2026, 6, 2)))
    assert view.objection is Objection.NOT_OVER


async def test_an_earlier_day_is_not_closed_after_a_later_one(site: Site) -> None:
    await site.settle("1", day=BEFORE)
    await site.settle("1")
    await site.close()
    assert (await site.close(day=BEFORE)).objection is Objection.LATER
