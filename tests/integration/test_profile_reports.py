"""Reports over real tables: each figure counted anew from the events, whose, of when, as files."""

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from shared.contracts.topics import PARTITIONS
from tests.integration.test_profile_access import REACH, WHO, Counter, counter
from tests.kit.office import PEOPLE as OFFICE
from tests.kit.profile import BROKER, relation, told
from tests.kit.profile import client as client_event

__all__ = ["counter"]
pytestmark = pytest.mark.integration
APRIL = ["2026-04-28", "2026-04-29", "2026-04-30"]  # the first to the fifth of May are a holiday
MAY = ["2026-05-06", "2026-05-07", "2026-05-08"]
FIGURES = ("equity", "deposit", "withdrawal", "commission", "close_profit", "position_profit")
PEOPLE = {f"9000000{n}": (f"c{n}", ["m1", "m2", "m3", "m4"][n % 4]) for n in range(8)}
BRANCH = {"m1": "b01", "m2": "b01", "m3": "b01", "m4": "b02"}
Events = list[dict[str, Any]]
Past = tuple[Counter, Events]


def settled(random: Random) -> Events:
    """Return the bodies of the settlements: some clients leave, some never trade."""
    made = []
    for n, account in enumerate(PEOPLE):
        for day in [*APRIL, *MAY]:
            figures = {
                name: f"{random.randint(-9, 90_000)}.{random.randint(0, 999):03}"
                for name in FIGURES
            }
            lots = 0 if n == 1 else random.choice([0, 0, 3])
            gone = n == 2 and day in MAY
            figures["equity"] = "10.00" if gone else f"{random.randint(2000, 99_999)}.125"
            figures |= {
                "margin": f"{random.randint(0, 99_999)}",
                "available": f"{random.randint(-99, 99)}",
            }
            figures["opening_equity"] = f"{random.randint(1000, 99_999)}"
            made.append({"account": account, "trading_day": day, "traded_lots": lots, **figures})
    return made


@pytest.fixture
async def past(counter: Counter) -> Past:
    bodies = settled(Random(7))  # noqa: S311 a past, not a secret
    await counter.stage.empty()
    staff = [
        told("staff.changed", n, staff_id=id_, role=role, branch_id=branch, leader_id=leader)
        for n, (id_, (role, branch, leader)) in enumerate(OFFICE.items(), 1)
    ]
    left = told("staff.changed", 99, staff_id="left", successor_id="m1", left_on="2026-05-01")
    clients = [
        client_event(c, n, relations=[relation(account, m, BRANCH[m])])
        for n, (account, (c, m)) in enumerate(PEOPLE.items(), 1)
    ]
    facts = [told("account.settled", n, **body) for n, body in enumerate(bodies, 200)]
    await counter.stage.tell(*staff, left, *clients, *facts)
    await close(counter, *APRIL, *MAY)
    return counter, bodies


async def close(counter: Counter, *days: str, partitions: int = PARTITIONS) -> None:
    async with counter.stage.database.begin() as connection:
        for day in days:
            for partition in range(partitions):
                await connection.exec_driver_sql(
                    "INSERT INTO day_closes VALUES ($1, $2::text::date, $3, 1)"
                    " ON CONFLICT DO NOTHING",
                    (BROKER, day, partition),
                )


async def rows(counter: Counter, path: str, credential: str = "") -> list[dict[str, Any]]:
    answer = await counter.ask(f"/v1/reports/{path}", credential or counter.token("r1"))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def money(bodies: Events, name: str, days: list[str]) -> Decimal:
    return sum((Decimal(b[name]) for b in bodies if b["trading_day"] in days), Decimal(0))


def of(bodies: Events, *managers: str) -> Events:
    return [b for b in bodies if PEOPLE[b["account"]][1] in managers]


def expected(bodies: Events, days: list[str]) -> dict[str, Decimal]:
    """Count from the bodies alone."""
    profit = money(bodies, "close_profit", days) + money(bodies, "position_profit", days)
    net = profit - money(bodies, "commission", days)
    base = money(bodies, "opening_equity", days[:1]) + money(bodies, "deposit", days)
    return {
        "equity": money(bodies, "equity", days[-1:]),
        "deposits": money(bodies, "deposit", days),
        "withdrawals": money(bodies, "withdrawal", days),
        "net_deposits": money(bodies, "deposit", days) - money(bodies, "withdrawal", days),
        "fees": money(bodies, "commission", days),
        "profit": net,
        "lots": money(bodies, "traded_lots", days),
        "yield": round(net / base, 4),
    }


@pytest.mark.parametrize(("period", "days"), [("2026-04-30", APRIL[2:]), ("2026-05-06", MAY[:1])])
async def test_a_day_is_what_its_events_say(past: Past, period: str, days: list[str]) -> None:
    counter, bodies = past
    (row,) = await rows(counter, f"overview?period={period}&scope=company")
    assert {n: Decimal(row[n]) for n in expected(bodies, days)} == expected(bodies, days)


@pytest.mark.parametrize(
    ("period", "days"), [("2026-04", APRIL), ("2026-05", MAY), ("2026", [*APRIL, *MAY])]
)
async def test_a_month_and_a_year_too_over_the_holiday(
    past: Past, period: str, days: list[str]
) -> None:
    counter, bodies = past
    for scope, managers in (
        ("company", list(BRANCH)),
        ("branch:b01", ["m1", "m2", "m3"]),
        ("manager:m4", ["m4"]),
    ):
        mine = of(bodies, *managers)
        (row,) = await rows(counter, f"overview?period={period}&scope={scope}")
        want = expected(mine, days)
        if period == "2026":
            del want["yield"]  # the year's first trading day is not among them
        assert {n: Decimal(row[n]) for n in want} == want, scope
        average = money(mine, "equity", days) / len(days)
        assert abs(Decimal(row["average_equity"]) - average) <= Decimal("0.001")
        last = [b for b in mine if b["trading_day"] == days[-1]]
        margins = [(Decimal(b["margin"]), Decimal(b["equity"])) for b in last]
        assert row["at_risk"] == sum(m > 0 and m >= e for m, e in margins)
        assert row["overdrawn"] == sum(Decimal(b["available"]) < 0 for b in last)
        assert row["clients"] == len({b["account"] for b in mine})


async def test_the_branches_are_ranked_and_add_up(past: Past) -> None:
    counter, bodies = past
    found = await rows(counter, "branches?period=2026-05")
    assert [row["rank"] for row in found] == [1, 2]
    equity = {"b01": of(bodies, "m1", "m2", "m3"), "b02": of(bodies, "m4")}
    assert {row["branch"]: Decimal(row["equity"]) for row in found} == {
        branch: money(mine, "equity", MAY[-1:]) for branch, mine in equity.items()
    }
    assert Decimal(found[0]["equity"]) >= Decimal(found[1]["equity"])


@pytest.mark.parametrize("kind", ["equity", "fees", "loss", "net-deposit"])
async def test_the_top_are_the_most(past: Past, kind: str) -> None:
    counter, bodies = past
    by: dict[str, Callable[[dict[str, Decimal]], Decimal]] = {
        "equity": lambda f: f["equity"],
        "fees": lambda f: f["fees"],
        "loss": lambda f: -f["profit"],
        "net-deposit": lambda f: f["net_deposits"],
    }
    figures = {
        c: by[kind](expected([b for b in bodies if b["account"] == account], MAY))
        for account, (c, _) in PEOPLE.items()
    }
    want = sorted((c for c in figures if figures[c] > 0), key=lambda c: (-figures[c], c))
    found = await rows(counter, f"top-{kind}?period=2026-05")
    assert [row["customer_id"] for row in found] == want
    assert {row["name"] for row in found} <= {"张**"}
    hidden = await rows(counter, f"top-{kind}?period=2026-05", counter.token("o1"))
    assert {row["name"] for row in hidden} <= {None}


async def test_who_stays_who_leaves_who_trades_again(past: Past) -> None:
    counter, bodies = past
    (row,) = await rows(counter, "kpis?period=2026-05")

    def traded(days: list[str]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for b in bodies:
            if b["traded_lots"] and b["trading_day"] in days:
                found.setdefault(b["account"], set()).add(b["trading_day"])
        return found

    before, now = traded(APRIL), traded(MAY)
    again = [account for account, days in now.items() if len(days) > 1]
    assert (row["active"], row["active_before"], row["again"]) == (
        len(now),
        len(before),
        len(again),
    )
    assert Decimal(row["retention"]) == round(
        Decimal(len(before.keys() & now.keys())) / len(before), 4
    )
    assert Decimal(row["retrade"]) == round(Decimal(len(again)) / len(now), 4)
    assert (row["funded_before"], row["gone"], row["churn"]) == (8, 1, "0.1250")
    assert (row["nps"], row["complaint_time"]) == (None, None)


async def test_how_far_the_new_accounts_have_come(past: Past) -> None:
    counter, _ = past
    days = {"90000000": "2026-04-29", "90000001": "2026-05-06", "90000003": "2026-05-07"}
    opened = [
        told("account.opened", n, account=account, opened_on=day, closed_on=None)
        for n, (account, day) in enumerate(days.items(), 900)
    ]
    opened.append(told("account.opened", 920, account="90000004", opened_on="2026-05-08"))
    deposit = told("funds.deposited", 950, account="90000001", trading_day="2026-05-07")
    await counter.stage.tell(*opened, deposit)
    found = await rows(counter, "opening?period=2026")
    assert [(r["month"], r["opened"]) for r in found] == [("2026-04", 1), ("2026-05", 3)]
    assert found[1]["signed"] >= found[1]["deposited"] >= found[1]["traded"]
    (may,) = await rows(counter, "opening?period=2026-05&scope=manager:m2")
    assert [may[n] for n in ("opened", "signed", "deposited", "traded")] == [1, 1, 1, 0]
    (row,) = await rows(counter, "overview?period=2026-05")
    assert row["new_accounts"] == 3


async def test_a_period_with_open_days_says_so(past: Past) -> None:
    counter, _ = past
    risk = counter.token("r1")
    await close(counter, "2026-05-11", partitions=PARTITIONS - 1)
    may = (await counter.ask("/v1/reports/overview?period=2026-05", risk)).json()
    assert (may["complete"], may["through"]) == (False, "2026-05-08")
    day = (await counter.ask("/v1/reports/overview?period=2026-04-30", risk)).json()
    assert (day["complete"], day["through"], day["unclosed"]) == (True, "2026-04-30", 0)
    none = (await counter.ask("/v1/reports/overview?period=2026-05-11", risk)).json()
    assert (none["complete"], none["through"], none["rows"]) == (False, None, [])


SCOPES = {
    "company": {"risk", "operator", "auditor", "key:reader"},
    "branch:b01": {"risk", "operator", "auditor", "key:reader", "branch-head"},
    "branch:b02": {"risk", "operator", "auditor", "key:reader"},
    "manager:m1": {
        "risk",
        "operator",
        "auditor",
        "key:reader",
        "branch-head",
        "team-lead",
        "manager",
    },
    "manager:m3": {"risk", "operator", "auditor", "key:reader", "branch-head"},
    "manager:m4": {"risk", "operator", "auditor", "key:reader"},
}


async def test_a_scope_is_for_who_reaches_it(past: Past) -> None:
    counter, bodies = past
    own = {"own": "m1", "team": "m2", "branch": "m3", "company": "m4"}
    for who, reached in REACH.items():
        credential = WHO[who](counter)
        for scope, may in SCOPES.items():
            path = f"/v1/reports/overview?period=2026-05&scope={scope}"
            status = (await counter.ask(path, credential)).status_code
            assert status == (200 if who in may else 403), (who, scope)
        (row,) = await rows(counter, "overview?period=2026-05", credential)
        mine = of(bodies, *(own[whose] for whose in reached))
        assert Decimal(row["equity"] or 0) == money(mine, "equity", MAY[-1:]), who


async def test_files_say_the_same_and_exports_are_audited(past: Past) -> None:
    counter, bodies = past
    risk, path = counter.token("r1"), "/v1/reports/branches?period=2026-05&scope=company"
    book = await counter.ask(f"{path}&format=xlsx", risk)
    sheet = zipfile.ZipFile(io.BytesIO(book.content)).read("xl/worksheets/sheet1.xml").decode()
    equity = money(of(bodies, "m4"), "equity", MAY[-1:])
    assert f"<v>{equity.normalize():f}</v>" in sheet
    assert "<f>" not in sheet
    pages = await counter.ask(path, risk, headers={"Accept": "application/pdf"})
    assert pages.content.startswith(b"%PDF")
    assert "branches-2026-05-company.pdf" in pages.headers["content-disposition"]
    entries = (await counter.ask("/v1/audit", counter.token("a1"))).json()["entries"]
    assert [(e["action"], e["subject"]) for e in entries] == [
        ("report.exported", "branches 2026-05 company pdf"),
        ("report.exported", "branches 2026-05 company xlsx"),
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing?period=2026", 404),
        ("overview", 400),
        ("overview?period=2026-05-01", 400),  # a holiday
        ("overview?period=2026-13", 400),
        ("overview?period=1999", 400),
        ("overview?period=2026&scope=team:t1", 400),
        ("overview?period=2026&format=doc", 400),
    ],
)
async def test_what_cannot_be_asked_is_refused(counter: Counter, path: str, status: int) -> None:
    assert (await counter.ask(f"/v1/reports/{path}", counter.token("r1"))).status_code == status
