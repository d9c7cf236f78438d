"""Whoever changes the directory is in the audit: a dropped file, a pull of a broker's table."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.ingest.agent.backfilling import as_history
from services.ingest.agent.taking import HANDLERS, Fate
from services.ingest.agent.witnessing import DIRECTORY
from services.ingest.domain.sources import catalogue
from shared.contracts.topics import ACCOUNT
from tests.agents.ingest.test_pulling import Site
from tests.kit.ingest import FakeBooks, cusfund, file, fundchg
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker
from tests.kit.registry import (
    ADDRESS,
    BANKS,
    CARD,
    CODES,
    CUSTOMERS,
    ID_CARD,
    PHONE,
    cusaccount,
    cuscode,
    customer,
)

STAFF = "staff_id,name,role,mobile\nm001,王大明,manager,13812345678\nm002,李,risk,12345\n"
FILES = {
    "relations": (
        "relations.csv",
        "account,customer_id,customer_name,customer_type\n1,c,张,法人\n",
    ),
    "staff": ("staff.csv", STAFF),
    "baselines": ("baselines.csv", "account,opened_on\n1,2020-01-06\n"),
    "agreements": ("agreements.csv", "account,kind,ends_on\n1,交返,2026-12-31\n"),
    "customer": (CUSTOMERS, customer("80012345")),
    "cuscode": (CODES, cuscode("80012345")),
    "cusaccount": (BANKS, cusaccount("80012345")),
}
PULLED = """
name: flow
takes: baselines
columns: {account: 账号, opened_on: at}
"""


@pytest.fixture
def books() -> FakeBooks:
    return FakeBooks()


@pytest.mark.parametrize("kind", sorted(DIRECTORY))
async def test_a_dropped_directory_file_is_in_the_audit_once(books: FakeBooks, kind: str) -> None:
    broker = Broker(books.open)
    name, text = FILES[kind]
    data = text.encode("gb18030" if name.endswith(".txt") else "utf-8")
    fates = [(await broker.intake.take(name, data)).fate for _ in range(2)]
    assert fates == [Fate.TAKEN, Fate.KNOWN]
    [entry] = books.now.audit
    assert (entry.actor, entry.action, entry.subject) == ("folder:drop", "directory.changed", kind)
    assert entry.trace_id == books.now.files[0].sha256[:32]
    assert entry.reason == f"{name}, edition 1"
    told = f"{entry}"
    for clear in ("王大明", "张小明", "13812345678", ID_CARD, PHONE, ADDRESS, CARD):
        assert clear not in told


async def test_the_audit_says_how_many_rows_were_good_refused_and_told(books: FakeBooks) -> None:
    await Broker(books.open).drop_text("staff.csv", STAFF)
    [entry] = books.now.audit
    assert entry.fields == ("good:1", "refused:1", "told:1")


async def test_who_brings_the_files_is_named(books: FakeBooks) -> None:
    intake = replace(Broker(books.open).intake, actor="cli:ops")
    await intake.take(CUSTOMERS, file(customer("80012345")))
    assert [entry.actor for entry in books.now.audit] == ["cli:ops"]


async def test_a_days_money_is_no_change_of_the_directory(books: FakeBooks) -> None:
    broker = Broker(books.open)
    await broker.drop(FUNDS, fundchg("1", "-5"))
    await broker.drop(SETTLED, cusfund("1", "3"))
    assert books.now.audit == []


async def test_whoever_loads_history_is_in_the_audit(books: FakeBooks) -> None:
    intake = as_history(replace(Broker(books.open).intake, actor="cli:ops"))
    for _ in range(2):
        await intake.take(FUNDS, file(fundchg("1", "-5")))
    [entry] = books.now.audit
    assert (entry.actor, entry.action, entry.subject) == ("cli:ops", "history.loaded", "fundchg")
    assert (entry.fields, entry.reason) == (
        ("good:1", "refused:0", "told:1"),
        f"{FUNDS}, edition 1",
    )


async def test_a_pull_of_the_directory_is_in_the_audit_when_it_has_rows(tmp_path: Path) -> None:
    site = Site(tmp_path, PULLED)
    site.add((1, "2020-01-06", "80012345", 0))
    pulling = site.pulling()
    for _ in range(2):
        await pulling.round()
    [entry] = site.books.now.audit
    assert (entry.actor, entry.subject) == ("pull:flow", "baselines")
    assert entry.fields == ("good:1", "refused:0", "told:1")


def test_every_kind_that_tells_of_persons_is_witnessed() -> None:
    elsewhere = {name for name, kind in catalogue().items() if kind.topic is not ACCOUNT}
    assert elsewhere <= DIRECTORY <= HANDLERS.keys()
