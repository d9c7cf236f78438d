"""A night's statuses in SQL are what the rules say of each account, whoever it is."""

from collections import Counter as Tally
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from services.profile.adapters.nights import Nights, again
from services.profile.adapters.permissions import Became, evaluate
from services.profile.domain.permissions import Figures, ProductClass
from services.profile.domain.permissions import evaluate as judged
from services.profile.nightly.permissions import STEP
from services.profile.permission_book import read_conditions
from shared.contracts.profiles import PROFILES, PermissionBecameEligible
from shared.contracts.topics import Topic
from shared.kernel.money import to_li
from shared.kernel.trading_day import china
from tests.kit.profile import BROKER, Stage, client, profile_stage, relation, told

pytestmark = pytest.mark.integration
DAY = date(2026, 6, 1)
CONDITIONS = read_conditions()
RULES = CONDITIONS.rules
CALENDAR = china()
FIVE = [CALENDAR.before(DAY, back) for back in range(4, 0, -1)] + [DAY]
TRADES = {
    "rb2610": None,
    "sc2610": "ine-crude",
    "TA609": "czce-specified",
    "i2609": "dce-specified",
}
EXCHANGES = {"rb2610": "SHFE", "sc2610": "INE", "TA609": "CZCE", "i2609": "DCE"}
Event = tuple[Topic, dict[str, Any]]


@dataclass
class Person:
    """An account of a client of its own, as events tell it and as plain Python counts it."""

    number: int
    random: Random
    events: list[Event] = field(default_factory=list)

    @property
    def account(self) -> str:
        return f"81{self.number:06d}"

    def tell(self, type_: str, **data: Any) -> None:
        sequence = self.number * 1000 + len(self.events)
        self.events.append(told(type_, sequence, account=self.account, **data))

    def figures(self, since: date) -> Figures:
        """Live a life, and return what is to be known of it."""
        pick = self.random
        tags: dict[str, str] = {}
        score = pick.choice([None, 79, 80, 100])
        if score is not None:
            tags["知识测试"] = str(score)
        professional = pick.random() < 0.1
        if professional:
            tags["投资者类型"] = "专业投资者"
        whose = relation(self.account, "m1", "b01")
        sequence = self.number * 1000
        self.events.append(client(f"c{self.number}", sequence, relations=[whose], tags=tags))
        level = pick.choice([None, 3, 4, 4, 5])
        until = pick.choice([None, DAY - timedelta(1), DAY, DAY + timedelta(400), date(2028, 1, 1)])
        opened_on = pick.choice([date(2019, 1, 2), since, since + timedelta(1), None])
        self.tell(
            "account.baselined",
            opened_on=str(opened_on or date(2019, 1, 2)),
            risk_level=None if level is None else f"C{level}",
            risk_level_until=until and str(until),
        )
        known = pick.choice([0, 4, 5, 5, 5])
        days = sorted(pick.sample(FIVE, known))
        base = pick.choice(["100000", "99999.999", "500000", "499999.999", "900000"])
        settled = [base if pick.random() < 0.8 else "700000" for _ in days]
        for day, available in zip(days, settled, strict=True):
            self.tell("account.settled", trading_day=str(day), available=available)
        orders, traded, opened = self._trades(pick)
        if pick.random() < 0.1:
            self.tell("trading-code.granted", exchange="CFFEX", trading_code=f"t{self.number}")
            opened.add("cffex")
        if pick.random() < 0.2:
            ends = pick.choice([DAY - timedelta(1), DAY, None])
            self.tell(
                "agreement.recorded",
                kind="权限-大商所期权",
                starts_on="2025-01-02",
                ends_on=ends and str(ends),
            )
            if ends != DAY - timedelta(1):
                opened.add("dce-options")
        return Figures(
            day=DAY,
            least=min((to_li_of(one) for one in settled), default=None),
            days=known,
            orders=orders,
            complete=(opened_on or date(2019, 1, 2)) >= since,
            traded_days=traded,
            level=level,
            level_until=until,
            score=score,
            professional=professional,
            opened=frozenset(opened),
        )

    def _trades(self, pick: Random) -> tuple[int, int, set[str]]:
        count = pick.choice([0, 4, 5, 5, 49, 50])
        orders, opened = 0, set()
        day = DAY
        for number in range(count):
            instrument = pick.choice([*["rb2610"] * 9, *TRADES]) if count < 40 else "rb2610"
            for side in ("open", "close"):
                parts = pick.choice([1, 2])
                for part in range(parts):
                    self.tell(
                        "trade.executed",
                        trading_day=str(day),
                        exchange=EXCHANGES[instrument],
                        instrument=instrument,
                        offset=side,
                        order_id=f"{number}{side}",
                        trade_id=f"{number}{side}{part}",
                    )
                orders += 1
            if (of := TRADES[instrument]) is not None:
                opened.add(of)
            day = CALENDAR.before(day)
        old = CALENDAR.before(date(2025, 6, 1), 3)  # counts for three years, not for the last one
        if pick.random() < 0.3:
            self.tell("trade.executed", trading_day=str(old), offset="close", order_id="old")
            orders += 1
        return orders, count, opened


def to_li_of(amount: str) -> int:
    return to_li(Decimal(amount))


def expected(figures: Figures) -> Iterator[tuple[ProductClass, str]]:
    for of in RULES.classes:
        yield of, judged(figures, of, RULES).status.value


@pytest.fixture
async def stage(fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with profile_stage(fresh_database("profile")) as made:
        yield made


async def night(stage: Stage, day: date = DAY) -> list[Became]:
    async with stage.database.begin() as connection:
        return await evaluate(connection, BROKER, day, CALENDAR, CONDITIONS)


async def statuses(stage: Stage, day: date | None = None) -> dict[tuple[str, str], str]:
    held = (
        "until IS NULL" if day is None else "trading_day <= :day AND coalesce(until > :day, true)"
    )
    query = f"SELECT account, product_class, status FROM permissions WHERE {held}"  # noqa: S608
    rows = await stage.rows(query, **({} if day is None else {"day": day}))
    return {(row["account"], row["product_class"]): row["status"] for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_accounts_stand_as_the_rules_say(stage: Stage, seed: int) -> None:
    random = Random(seed)  # noqa: S311 lives, not secrets
    since = date(2024, 1, 2)
    await stage.tell(told("day.closed", 1, trading_day=str(since)))
    wanted: dict[tuple[str, str], str] = {}
    for number in range(120):
        person = Person(number, random)
        figures = person.figures(since)
        await stage.tell(*person.events)
        wanted |= {(person.account, of.code): status for of, status in expected(figures)}
    assert await night(stage) == []
    assert await statuses(stage) == wanted
    assert min(Tally(wanted.values()).values()) > 20
    assert len(set(wanted.values())) == 4


def rich(number: int, available: str = "100000") -> Iterator[Event]:
    """Yield one who has everything but the funds of five days."""
    account = f"82{number:06d}"
    yield client(f"c{number}", number, relations=[relation(account, "m1", "b01")])
    yield told(
        "account.baselined",
        number,
        account=account,
        opened_on="2026-01-05",
        risk_level="C4",
        risk_level_until="2027-01-01",
    )
    for n in range(10):
        yield told(
            "trade.executed",
            number * 100 + n,
            account=account,
            trading_day="2026-05-20",
            order_id=f"o{n}",
            trade_id=f"t{n}",
        )
    for n, day in enumerate(FIVE):
        yield told(
            "account.settled",
            10 * number + n,
            account=account,
            trading_day=str(day),
            available=available,
        )


async def test_who_becomes_eligible_is_told_once_and_the_first_night_tells_nobody(
    stage: Stage,
) -> None:
    await stage.tell(told("day.closed", 1, trading_day="2026-01-05"))
    await stage.tell(*rich(1), *rich(2, "99999.999"))
    assert await night(stage) == []
    before = await statuses(stage)
    assert before["82000001", "dce-specified"] == "eligible"
    assert before["82000001", "ine-crude"] == "not-met"
    assert before["82000002", "dce-specified"] == "not-met"
    day = CALENDAR.after(DAY)
    again = [
        told(
            "account.settled", 90 + n, account="82000002", trading_day=str(one), available="100000"
        )
        for n, one in enumerate([*FIVE[1:], day])
    ]
    await stage.tell(*again)
    ten = sorted(one.code for one in RULES.classes if one.rank == 1)
    for _ in range(2):  # a night again says the same
        assert await night(stage, day) == [Became("c2", "82000002", ten)]
    assert await statuses(stage, DAY) == before
    after = await statuses(stage)
    assert {key for key in after if after[key] != before.get(key)} >= {
        ("82000002", one) for one in ten
    }
    assert await night(stage, CALENDAR.after(day)) == []


async def test_a_day_told_again_takes_back_what_came_of_it(stage: Stage) -> None:
    await stage.tell(told("day.closed", 1, trading_day="2026-01-05"))
    await stage.tell(*rich(1))
    await night(stage)
    before = await statuses(stage)
    day = CALENDAR.after(DAY)
    await stage.tell(
        told("account.settled", 90, account="82000001", trading_day=str(day), available="1")
    )
    assert await night(stage, day) == []
    assert (await statuses(stage))["82000001", "dce-specified"] == "not-met"
    await stage.tell(
        told("account.settled", 91, account="82000001", trading_day=str(day), available="100000")
    )
    assert await night(stage, day) == []
    assert await statuses(stage) == before


async def test_the_night_tells_it_to_the_outbox_once(stage: Stage) -> None:
    day = CALENDAR.after(DAY)
    due = Nights(stage.database, BROKER, [STEP], calm=0)
    await stage.tell(told("day.closed", 1, trading_day="2026-01-05"))
    await stage.tell(*rich(2, "99999.999"))
    await stage.close(DAY)
    while await due.compute() is not None:
        pass
    await stage.tell(
        *(
            told(
                "account.settled",
                90 + n,
                account="82000002",
                trading_day=str(one),
                available="100000",
            )
            for n, one in enumerate([*FIVE[1:], day])
        )
    )
    await stage.close(day)
    for _ in range(2):
        while await due.compute() is not None:
            pass
        async with stage.database.begin() as connection:
            await again(connection, BROKER, day)
    rows = await stage.rows("SELECT event FROM outbox")
    told_again = {event.id: event for event in (PROFILES.validate_json(r["event"]) for r in rows)}
    (event,) = told_again.values()
    assert isinstance(event, PermissionBecameEligible)
    assert (event.data.account, event.data.trading_day) == ("82000002", day)
    assert len(event.data.names) == len(event.data.permissions) == 7
