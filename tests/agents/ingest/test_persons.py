"""The CFMMC files about accounts: what is told of the account, and what of the person, sealed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.ingest.agent.taking import Fate
from shared.blind_index import BlindIndex
from shared.contracts.customers import CONTEXTS
from tests.kit.ingest import BLIND, CIPHER, FakeBooks
from tests.kit.ingest_broker import Broker as AnyBroker
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

RELATIONS = "account,customer_id,customer_name,customer_type,manager_id\n"
OTHER_ID = "110101190002020022"


class Broker(AnyBroker):
    def __init__(self) -> None:
        self.books = FakeBooks()
        super().__init__(self.books.open)

    def told(self, type_: str) -> list[dict[str, Any]]:
        return [event["data"] for event in self.books.now.told(type_)]

    def clients(self) -> dict[str, dict[str, Any]]:
        """Return each client as a reader of the compacted topic has it."""
        return {data["customer_id"]: data for data in self.told("customer.changed")}


@pytest.fixture
def broker() -> Broker:
    return Broker()


async def test_an_account_is_told_as_the_broker_reports_it(broker: Broker) -> None:
    outcome = await broker.drop(CUSTOMERS, customer("1"), customer("2", status="销户"))
    assert (outcome.fate, outcome.good, outcome.bad) == (Fate.TAKEN, 2, 0)
    one, two = broker.told("account.opened")
    assert (one["status"], one["opened_on"], one["customer_type"], one["dormant"]) == (
        "open",
        "2019-03-01",
        "自然人",
        False,
    )
    assert (two["account"], two["status"], two["source"]) == ("2", "closed", "file")


async def test_an_account_is_told_again_only_when_it_changed(broker: Broker) -> None:
    for number, dormant in enumerate(("N", "N", "是", "是", "否")):
        name = f"013{number}customer20260601.txt"
        await broker.drop(name, customer("1", is_dormant=dormant, post_code=str(number)))
    assert [data["dormant"] for data in broker.told("account.opened")] == [False, True, False]
    ids = [event["id"] for event in broker.books.now.told("account.opened")]
    assert len(set(ids)) == 3
    assert len(broker.told("customer.changed")) == 1


async def test_a_file_of_an_earlier_day_takes_nothing_back(broker: Broker) -> None:
    await broker.drop(CUSTOMERS, customer("1", is_dormant="Y"))
    day = date(2026, 5, 29)
    outcome = await broker.drop("0137customer20260529.txt", customer("1", day, phone="1"))
    assert (outcome.notes["older"], len(broker.told("account.opened"))) == (1, 1)
    assert len(broker.told("customer.changed")) == 1


async def test_a_person_is_told_sealed_and_can_be_found(broker: Broker) -> None:
    await broker.drop(CUSTOMERS, customer("1"))
    [data] = broker.told("customer.changed")
    opened = {name: CIPHER.open(data[name], at) for name, at in CONTEXTS.items() if name in data}
    assert opened == {
        "sealed_name": "张小明",
        "sealed_phone": PHONE,
        "sealed_id_card": ID_CARD,
        "sealed_address": ADDRESS,
    }
    assert data["phone_index"] == BLIND.entry("phone", PHONE)
    assert data["id_index"] == BLIND.entry("id_number", ID_CARD)
    assert (data["display_name"], data["relations"]) == ("张**", [{"account": "1"}])


async def test_nothing_of_a_person_or_card_is_kept_in_clear(broker: Broker) -> None:
    await broker.drop(CUSTOMERS, customer("1"), customer("2", opening_date=PHONE))
    await broker.drop(CUSTOMERS, PHONE, customer(ID_CARD, name=""))
    await broker.drop(BANKS, cusaccount("1"), cusaccount("1", currency="张小明"))
    assert len(broker.books.now.letters()) == 5
    for clear in ("张小明", PHONE, ID_CARD, ADDRESS, CARD):
        assert clear not in repr(broker.books.now).replace(f"demo:{ID_CARD}", "")


async def test_several_accounts_of_one_person_are_one_customer(broker: Broker) -> None:
    await broker.drop(CUSTOMERS, customer("1"), customer("2"), customer("3", id_card=OTHER_ID))
    accounts = [[r["account"] for r in c["relations"]] for c in broker.clients().values()]
    assert sorted(accounts) == [["1", "2"], ["3"]]
    await broker.drop("0138customer20260601.txt", customer("4"))
    assert ["1", "2", "4"] in [
        [r["account"] for r in c["relations"]] for c in broker.clients().values()
    ]


async def test_an_account_whose_person_has_no_number_is_a_customer_of_its_own(
    broker: Broker,
) -> None:
    await broker.drop(CUSTOMERS, customer("1", id_card=""), customer("2", id_card=""))
    clients = broker.clients()
    assert len(clients) == 2
    assert all("id_index" not in client for client in clients.values())


async def test_a_company_is_found_by_its_code(broker: Broker) -> None:
    await broker.drop(CUSTOMERS, customer("1", id_card="", organization_code="91330000XYZ"))
    [data] = broker.told("customer.changed")
    assert CIPHER.open(data["sealed_id_card"], CONTEXTS["sealed_id_card"]) == "91330000XYZ"


async def test_a_relation_known_first_keeps_its_customer_id_and_its_name(broker: Broker) -> None:
    await broker.drop_text("relations.csv", RELATIONS + "1,c1,张明,一般法人,m1\n")
    await broker.drop(CUSTOMERS, customer("1"), customer("2"))
    [client] = broker.clients().values()
    assert (client["customer_id"], client["customer_type"]) == ("c1", "一般法人")
    assert CIPHER.open(client["sealed_name"], CONTEXTS["sealed_name"]) == "张明"
    assert client["relations"] == [{"account": "1", "manager_id": "m1"}, {"account": "2"}]


async def test_a_relation_that_comes_later_names_the_client_and_the_id_stays(
    broker: Broker,
) -> None:
    await broker.drop(CUSTOMERS, customer("1"))
    [known] = broker.clients()
    for text in ("1,c1,张明,自然人,m1\n", "1,c1,张明,自然人,m1\n3,c1,张明,自然人,m2\n"):
        await broker.drop_text("relations.csv", RELATIONS + text)
    [client] = broker.clients().values()
    assert (client["customer_id"], client["customer_no"]) == (known, "c1")
    assert [r["account"] for r in client["relations"]] == ["1", "3"]
    assert CIPHER.open(client["sealed_phone"], CONTEXTS["sealed_phone"]) == PHONE
    assert CIPHER.open(client["sealed_name"], CONTEXTS["sealed_name"]) == "张明"


async def test_an_account_that_a_relation_gives_to_another_takes_its_person_along(
    broker: Broker,
) -> None:
    await broker.drop(CUSTOMERS, customer("1"))
    [first] = broker.clients()
    await broker.drop_text("relations.csv", RELATIONS + "1,c1,张明,自然人,m1\n")
    await broker.drop_text("relations.csv", RELATIONS + "1,c2,李四,自然人,m1\n")
    former = broker.clients()[first]
    assert (former["relations"], "sealed_phone" in former) == ([], False)
    await broker.drop("0138customer20260601.txt", customer("1", post_code="1"))
    taken = broker.clients()["c2"]
    assert CIPHER.open(taken["sealed_phone"], CONTEXTS["sealed_phone"]) == PHONE


async def test_a_new_index_key_finds_who_was_known_under_the_old_one(broker: Broker) -> None:
    await broker.drop(CUSTOMERS, customer("1"))
    await broker.drop(BANKS, cusaccount("1"))
    before = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
    rotated = BlindIndex({"b2": "A" * 43 + "=", "b1": before})
    assert rotated.look_up("phone", PHONE)[1] == BLIND.entry("phone", PHONE)
    broker.intake = replace(broker.intake, blind=rotated)
    await broker.drop("0138customer20260601.txt", customer("1"), customer("2"))
    await broker.drop("0138cusaccount20260601.txt", cusaccount("1", bank_name="虚构支行"))
    [client] = broker.clients().values()
    assert [r["account"] for r in client["relations"]] == ["1", "2"]
    assert client["phone_index"] == rotated.entry("phone", PHONE)
    alone = BlindIndex({"b2": "A" * 43 + "="})
    broker.intake = replace(broker.intake, blind=alone)
    await broker.drop("0139customer20260601.txt", *(customer(account) for account in "123"))
    await broker.drop("0139cusaccount20260601.txt", cusaccount("1"), cusaccount("3"))
    assert len(broker.clients()) == 1
    assert len(broker.told("account.opened")) == 3
    assert [data["account"] for data in broker.told("bank.signed")] == ["1", "3"]


@pytest.mark.parametrize(("name", "line"), [(CUSTOMERS, customer("1")), (BANKS, cusaccount("1"))])
async def test_without_an_index_key_persons_are_refused(
    broker: Broker, name: str, line: str
) -> None:
    broker.intake = replace(broker.intake, blind=None)
    outcome = await broker.drop(name, line)
    assert (outcome.fate, outcome.reason) == (
        Fate.REFUSED,
        "no index key is configured: set INGEST_INDEX_KEYS",
    )


async def test_a_trading_code_is_told_once(broker: Broker) -> None:
    await broker.drop(CODES, cuscode("1"), cuscode("1"), cuscode("1", "J", "00099"))
    outcome = await broker.drop("0138cuscode20260601.txt", cuscode("1"), cuscode("2"))
    told = [
        (d["account"], d["exchange"], d["trading_code"])
        for d in broker.told("trading-code.granted")
    ]
    assert told == [("1", "SHFE", "00812345"), ("1", "CFFEX", "00099"), ("2", "SHFE", "00812345")]
    assert (outcome.notes["changed"], outcome.notes["unchanged"]) == (1, 1)


async def test_a_card_is_told_masked_when_it_is_signed_and_when_it_is_taken_out(
    broker: Broker,
) -> None:
    other = "6222000000005678"
    await broker.drop(BANKS, cusaccount("1"), cusaccount("1", card=other))
    for number, flag in enumerate(("更新", "D", "D", "新增")):
        await broker.drop(f"013{number}cusaccount20260601.txt", cusaccount("1", flag))
    told = [(d["card"], d["signed"]) for d in broker.told("bank.signed")]
    assert told == [
        ("****1234", True),
        ("****5678", True),
        ("****1234", False),
        ("****1234", True),
    ]
    assert len({event["id"] for event in broker.books.now.told("bank.signed")}) == 4
