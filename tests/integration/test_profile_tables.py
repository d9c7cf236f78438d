"""profile's tables in PostgreSQL: the same rows whatever the order, and none stops the others."""

import json
from collections.abc import AsyncIterator, Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.profile.adapters.offsets import START, Overtaken, Partition, advance
from services.profile.domain.facts import tables
from shared.contracts.topics import ACCOUNT, CUSTOMER
from tests.kit.profile import Stage, client, history, profile_stage, recorded, relation, told

pytestmark = pytest.mark.integration
COLUMNS = """
SELECT table_name, column_name, udt_name, is_nullable FROM information_schema.columns
WHERE table_schema = 'profile'
"""
UDT = {"bigint": "int8", "integer": "int4", "boolean": "bool"}


@pytest.fixture
async def stage(fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with profile_stage(fresh_database("profile")) as made:
        yield made


async def test_the_tables_are_those_of_the_catalogue(stage: Stage) -> None:
    held: dict[str, dict[str, tuple[str, str]]] = {}
    for row in await stage.rows(COLUMNS):
        columns = held.setdefault(row["table_name"], {})
        columns[row["column_name"]] = (row["udt_name"], row["is_nullable"])
    nullable = {("agreements", "starts_on"), ("close_outs", "opening_trade_id")}
    for table in tables():
        found = held[table.name]
        assert {n: UDT.get(t, t) for n, t in table.types.items()} == {
            name: udt for name, (udt, _) in found.items()
        }, table.name
        never = {*table.named_by, *table.ordered_by} - {n for t, n in nullable if t == table.name}
        assert {name for name, (_, null) in found.items() if null == "NO"} == never


@pytest.mark.timeout(300)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**16), st.randoms())
async def test_shuffled_and_repeated_pasts_converge(
    stage: Stage, seed: int, random: Random
) -> None:
    """Each example begins with empty tables; batches of any size, records again and again."""
    past = history(seed)
    await stage.empty()
    await stage.put(recorded(past))
    expected = await stage.digests()
    assert sum(not said.startswith("0:") for said in expected.values()) > 15
    shuffled = [*past, *random.choices(past, k=40)]
    random.shuffle(shuffled)
    await stage.empty()
    while shuffled:
        size = random.randint(1, 50)
        await stage.tell(*shuffled[:size])
        del shuffled[:size]
    assert await stage.digests() == expected
    assert stage.buried == []


async def test_an_account_that_leaves_a_client_is_no_longer_among_its_relations(
    stage: Stage,
) -> None:
    both = [relation("1", "m1"), relation("2", "m1")]
    await stage.tell(client(sequence=2, relations=both[:1]))
    await stage.tell(client(sequence=1, relations=both))
    assert await stage.rows("SELECT account FROM relations") == [{"account": "1"}]
    await stage.tell(client(sequence=3, relations=[]))
    assert await stage.rows("SELECT account FROM relations") == []


async def test_a_late_snapshot_of_what_is_no_longer_held_does_not_bring_it_back(
    stage: Stage,
) -> None:
    late = told("position.snapshotted", 1, trading_day="2026-05-29", at="2026-05-29T14:00:00+08:00")
    await stage.tell(told("positions.settled", 2, holdings=[]))
    await stage.tell(late)
    assert await stage.rows("SELECT * FROM positions") == []
    night = told(
        "position.snapshotted", 3, trading_day="2026-06-02", at="2026-06-01T21:30:00+08:00"
    )
    await stage.tell(night)
    await stage.tell(told("positions.settled", 4, holdings=[]))
    assert len(await stage.rows("SELECT * FROM positions")) == 1


async def test_one_bad_record_goes_to_the_letters_and_the_others_go_in(stage: Stage) -> None:
    good = recorded([told("funds.deposited", n, serial=f"s{n}") for n in range(1, 6)])
    broken = json.loads(good[2].value or b"")
    broken["data"]["serial"] = "nul \0 byte"
    bad = [
        good[0]._replace(value=b"{"),
        good[1],
        good[2]._replace(value=json.dumps(broken).encode()),
        *good[3:],
    ]
    assert await stage.put(bad) == 2
    assert [(r.offset, r.topic) for r, _ in stage.buried] == [(0, ACCOUNT.name), (2, ACCOUNT.name)]
    serials = await stage.rows("SELECT serial FROM flows ORDER BY serial")
    assert [row["serial"] for row in serials] == ["s2", "s4", "s5"]
    assert (await stage.places())[Partition(ACCOUNT.name, 0)] == 5


async def test_who_was_overtaken_writes_nothing(stage: Stage) -> None:
    """A worker that lost its partition, with a batch in hand, against the one that has it now."""
    before = await stage.places()
    records = recorded([told("funds.deposited", 1)])
    await stage.put(records)
    rows = await stage.digests()
    with pytest.raises(Overtaken):
        await stage.another().put(records, before)
    assert await stage.digests() == rows
    assert (await stage.places())[Partition(ACCOUNT.name, 0)] == 1
    assert (await stage.places())[Partition(CUSTOMER.name, 0)] == START
    async with stage.database.begin() as connection:
        with pytest.raises(Overtaken):
            await advance(connection, {Partition(ACCOUNT.name, 0): (0, 7)})


async def test_a_months_partition_is_made_by_two_at_once(stage: Stage) -> None:
    months = [f"2025-{month:02d}-03" for month in range(1, 13)]
    for shelf in (stage.shelf, stage.another()):
        events = [told("account.settled", n, trading_day=day) for n, day in enumerate(months, 1)]
        places = await stage.places()
        ahead = max(0, places[Partition(ACCOUNT.name, 0)])
        records = [r._replace(offset=r.offset + ahead) for r in recorded(events)]
        await shelf.put(records, places)
    found = await stage.rows("SELECT count(*) AS n FROM account_days")
    assert found == [{"n": 12}]
