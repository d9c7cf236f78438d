"""Conditions in PostgreSQL find whom plain Python finds, within reach; key groups over facts."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from operator import contains, eq, ge, gt, le, lt, ne
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.profile.adapters.records import Records
from services.profile.adapters.segments import compiled, counted, members
from services.profile.domain.conditions import Condition
from services.profile.segment_book import key_groups
from shared.kernel.trading_day import china
from shared.web.organisation import RowScope
from tests.kit.profile import BROKER, Stage, client, profile_stage, relation, told

pytestmark = pytest.mark.integration
DAY = date(2026, 6, 12)
ALL = RowScope(everything=True)
OPERATORS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    **OPERATORS,
    "has": contains,
    "in": lambda one, among: one in among,
}
DAYS = [date(2026, 6, n) for n in (4, 5, 8, 9, 10, 11, 12)]
COUNT = 40


def people(seed: int = 7) -> list[dict[str, Any]]:
    """Return accounts as plain rows; None: not known."""
    random = Random(seed)  # noqa: S311 clients, not a secret
    made = []
    for n in range(COUNT):
        equity = random.choice([None, -1000, 0, 500_000, 1_000_000])
        made.append(
            {
                "account": f"9{n:03d}",
                "manager": random.choice([None, "m1", "m2"]),
                "equity": equity,
                "margin": None if equity is None else random.choice([None, 0, 400_000]),
                "dormant": random.choice([None, True, False]),
                "opened_on": random.choice([None, date(2026, 5, 31), date(2026, 6, 1)]),
                "tags": random.sample(["高净值", "黑名单"], random.randint(0, 2)),
                "idle_days": random.choice([None, 0, 5]),
                "churn": random.choice([None, "low", "high"]),
                "lots": {day: random.randint(0, 3) for day in DAYS if random.random() < 0.5},
            }
        )
    return made


PEOPLE = people()
INSERTS = {
    "clients": "(broker, customer_id, kind, tags, sequence) VALUES (:broker, :customer, 'person',"
    " (SELECT jsonb_object_agg(t, '1') FROM unnest(CAST(:tags AS text[])) t), 1)",
    "relations": "(broker, customer_id, account, manager_id, sequence)"
    " VALUES (:broker, :customer, :account, :manager, 1)",
    "registrations": "(broker, account, opened_on, dormant, sequence)"
    " VALUES (:broker, :account, :opened_on, :dormant, 1)",
    "indicators": "(broker, account, trading_day, equity, average_equity, commission, net_deposit,"
    " traded_lots, traded_days, idle_days, recency, frequency, monetary, tier, churn_points, churn,"
    " size, activity) VALUES (:broker, :account, '2026-06-12', 0, 0, 0, 0, 0, 0,"
    " :idle_days, 1, 1, 1, 1, 0, :churn, '', '')",
    "live_funds": "(broker, account, equity, margin, trading_day, settled, at, sequence)"
    " VALUES (:broker, :account, :equity, :margin, '2026-06-12', true, now(), 1)",
}

KNOWN_BY = {"live_funds": "equity", "indicators": "churn"}
EVE = """
INSERT INTO indicators SELECT (jsonb_populate_record(i, '{"trading_day": "2026-06-11",
    "idle_days": 0, "churn": "low"}')).* FROM indicators i
"""  # another night before, which nobody asks about


@pytest.fixture
async def stage(fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with profile_stage(fresh_database("profile")) as made:
        yield made


async def settle(stage: Stage) -> None:
    opened = [
        told("account.settled", n, account=p["account"], trading_day=str(day), traded_lots=lots)
        for n, p in enumerate(PEOPLE, 1)
        for day, lots in p["lots"].items()
    ]
    await stage.tell(*opened)
    async with stage.database.begin() as connection:
        await connection.execute(text("DELETE FROM live_funds"))
        for person in PEOPLE:
            row = {**person, "broker": BROKER, "customer": f"c{person['account']}"}
            for table, rest in INSERTS.items():
                if person[KNOWN_BY.get(table, "account")] is not None:
                    names = {k: v for k, v in row.items() if f":{k}" in rest}
                    await connection.execute(text(f"INSERT INTO {table} {rest}"), names)
        await connection.execute(text(EVE))


def meets(condition: dict[str, Any], person: dict[str, Any]) -> bool:
    """Say the same as the SQL, written from the documentation alone."""
    if "and" in condition:
        return all(meets(one, person) for one in condition["and"])
    if "or" in condition:
        return any(meets(one, person) for one in condition["or"])
    if "not" in condition:
        return not meets(condition["not"], person)
    name, operator, value = (condition[key] for key in ("field", "operator", "value"))
    held = figure(name, person, condition.get("days", 0))
    if operator == "known":
        return (held is not None) is value
    compare = COMPARE[operator]
    return held is not None and bool(compare(held, wanted(name, value)))


def figure(name: str, person: dict[str, Any], days: int) -> Any:
    if name == "idle_days" and person["churn"] is None:
        return None  # no night told of it
    if not name.startswith("traded"):
        return person[name]
    lots = [person["lots"].get(day, 0) for day in DAYS[-days:]]
    return sum(lots) if name == "traded_lots" else sum(n > 0 for n in lots)


def wanted(name: str, value: Any) -> Any:
    if name in ("equity", "margin"):
        return int(value) * 1000
    if name == "opened_on":
        return date(2026, 6, 1) if value == "month-start" else date.fromisoformat(value)
    return value


def test_of(field: str, value: Any, operators: list[str], **more: Any) -> Any:
    fixed = {"field": st.just(field), "value": value, "operator": st.sampled_from(operators)}
    return st.fixed_dictionaries({**fixed, **more})


test_of.__test__ = False  # type: ignore[attr-defined]
ORDERED = list(OPERATORS)
WINDOW = st.integers(1, len(DAYS))
TESTS = st.one_of(
    test_of("equity", st.sampled_from(["0", "500", "1000"]), ORDERED),
    test_of("margin", st.sampled_from(["0", "400"]), ORDERED),
    test_of("dormant", st.booleans(), ["=", "!=", "known"]),
    test_of("opened_on", st.sampled_from(["month-start", "2026-05-31"]), ORDERED),
    test_of("manager", st.sampled_from(["m1", "m2", "' OR true --"]), ["=", "!="]),
    test_of("manager", st.lists(st.sampled_from(["m1", "m3"]), min_size=1, max_size=2), ["in"]),
    test_of("tags", st.sampled_from(["高净值", "没有"]), ["has"]),
    test_of("equity", st.booleans(), ["known"]),
    test_of("idle_days", st.sampled_from([0, 5]), ORDERED),
    test_of("churn", st.sampled_from(["low", "high"]), ["=", "!="]),
    test_of("churn", st.booleans(), ["known"]),
    test_of("traded_days", st.integers(0, 4), ORDERED, days=WINDOW),
    test_of("traded_lots", st.integers(0, 9), ORDERED, days=WINDOW),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"and": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"or": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=8,
)


@pytest.fixture
async def settled(stage: Stage) -> Stage:
    await settle(stage)
    return stage


@pytest.mark.timeout(300)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(CONDITIONS, st.sampled_from([ALL, RowScope(managers=frozenset({"m1"})), RowScope()]))
async def test_whom_postgres_finds_plain_python_finds(
    settled: Stage, condition: dict[str, Any], scope: RowScope
) -> None:
    async with settled.database.connect() as connection:
        records = Records(connection, BROKER)
        where = compiled(Condition.model_validate(condition), scope, DAY, china())
        found = [row["account"] for row in await members(records, where, None, 1000)]
        assert found == [
            p["account"]
            for p in PEOPLE
            if meets(condition, p) and (scope.everything or p["manager"] in scope.managers)
        ]
        assert (await counted(records, where))["accounts"] == len(found)


async def test_every_key_group_finds_its_client(stage: Stage) -> None:
    accounts = {
        "opened-not-signed": [told("account.opened", 1, account="1", opened_on="2026-05-01")],
        "signed-not-funded": [told("bank.signed", 2, account="2")],
        "funded-not-traded": [told("funds.deposited", 3, account="3")],
        "dormant": [told("account.opened", 5, account="5", dormant=True)],
        "new-this-month": [told("account.opened", 6, account="6", opened_on="2026-06-01")],
        "reactivated": [
            told("alert.raised", 4, account="4", rule="dormancy_reactivation"),
        ],
    }
    relations = [relation(str(n), "m1") for n in range(1, 7)]
    await stage.tell(
        *(event for events in accounts.values() for event in events),
        *(client(f"c{one['account']}", n, relations=[one]) for n, one in enumerate(relations, 1)),
    )
    async with stage.database.begin() as connection:
        await connection.execute(text("UPDATE alerts SET trading_day = '2026-06-05'"))
        records = Records(connection, BROKER)
        for code, events in accounts.items():
            condition = key_groups()[code].condition
            assert condition is not None
            rows = await members(records, compiled(condition, ALL, DAY, china()), None, 10)
            found = {row["account"] for row in rows}
            assert events[0][1]["data"]["account"] in found, code
