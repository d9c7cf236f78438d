"""A person leaves: the clients go to the successor, each told once, whatever old files say."""

from typing import Any

import pytest
from prometheus_client import REGISTRY

from tests.kit.ingest import FakeBooks, cusfund, fundchg
from tests.kit.ingest_broker import Broker as AnyBroker

RELATIONS = "account,customer_id,customer_name,customer_type,manager_id,since\n"
STAFF = "staff_id,name,role,branch_id,successor_id,left_on\n"
CLIENTS = RELATIONS + "".join(
    f"{account},c{account},张三,自然人,{manager},2019-03-01\n"
    for account, manager in (("1", "m1"), ("2", "m1"), ("3", "m2"))
)


class Broker(AnyBroker):
    def __init__(self) -> None:
        self.books = FakeBooks()
        super().__init__(self.books.open)

    async def staff(self, *rows: str) -> dict[str, Any]:
        people = ("m2,李四,manager,b01,,", "m3,王五,manager,b01,,", *rows)
        text = STAFF + "".join(f"{row}\n" for row in people)
        return (await self.drop_text("staff.csv", text)).notes

    def managers(self) -> dict[str, str]:
        """Return account → manager, as a reader of the topic has it."""
        clients = {e["subject"]: e["data"] for e in self.books.now.told("customer.changed")}
        relations = [r for data in clients.values() for r in data["relations"]]
        return {r["account"]: r["manager_id"] for r in relations}

    def times_told(self) -> int:
        return len(self.books.now.told("customer.changed"))


@pytest.fixture
async def broker() -> Broker:
    broker = Broker()
    await broker.drop_text("relations.csv", CLIENTS)
    await broker.staff("m1,赵六,manager,b01,,")
    assert broker.times_told() == 3
    return broker


async def test_the_clients_of_a_leaver_go_to_the_successor_once(broker: Broker) -> None:
    for name in ("赵六", "赵六", "赵陆"):
        notes = await broker.staff(f"m1,{name},manager,b01,m2,2026-05-29")
    assert broker.managers() == {"1": "m2", "2": "m2", "3": "m2"}
    assert broker.times_told() == 5
    assert notes["handed_over"] == 0
    [relation] = broker.books.now.told("customer.changed")[3]["data"]["relations"]
    assert relation["since"] == "2026-05-29"
    assert relation["history"] == [
        {"manager_id": "m1", "since": "2019-03-01", "until": "2026-05-29"}
    ]


async def test_a_successor_alone_hands_nothing_over(broker: Broker) -> None:
    await broker.staff("m1,赵六,manager,b01,m2,")
    assert broker.managers()["1"] == "m1"


async def test_who_is_not_in_a_file_has_not_left(broker: Broker) -> None:
    await broker.staff()
    assert broker.managers()["1"] == "m1"


async def test_an_old_relations_file_does_not_give_them_back(broker: Broker) -> None:
    await broker.staff("m1,赵六,manager,b01,m2,2026-05-29")
    told = broker.times_told()
    for number in range(2):
        await broker.drop_text("relations.csv", CLIENTS + "\n" * number)
    assert broker.times_told() == told
    await broker.drop_text(
        "relations.csv", CLIENTS.replace("1,c1,张三,自然人,m1", "1,c1,张三,自然人,m3")
    )
    assert broker.managers() == {"1": "m3", "2": "m2", "3": "m2"}


async def test_who_comes_back_gets_nobody_back(broker: Broker) -> None:
    await broker.staff("m1,赵六,manager,b01,m2,2026-05-29")
    await broker.staff("m1,赵六,manager,b01,,")
    assert broker.managers()["1"] == "m2"
    await broker.drop_text("relations.csv", CLIENTS + "\n")
    assert broker.managers()["1"] == "m1"


async def test_a_chain_is_followed_as_it_grows(broker: Broker) -> None:
    await broker.staff("m1,赵六,manager,b01,m2,2026-05-29")
    await broker.drop_text(
        "staff.csv",
        f"{STAFF}m2,李四,manager,b01,m3,2026-06-01\n",
    )
    assert set(broker.managers().values()) == {"m3"}
    [relation] = broker.books.now.told("customer.changed")[-3]["data"]["relations"]
    assert [tenure["manager_id"] for tenure in relation["history"]] == ["m1", "m2"]


@pytest.mark.parametrize(
    ("successor", "why"), [("", "nobody"), ("unknown", "nobody"), ("m9", "circle")]
)
async def test_with_nobody_to_take_over_the_clients_stay_and_it_is_said(
    broker: Broker, successor: str, why: str
) -> None:
    notes = await broker.staff(
        f"m1,赵六,manager,b01,{successor},2026-05-29", "m9,钱七,manager,b09,m1,2026-05-29"
    )
    assert broker.managers()["1"] == "m1"
    assert (notes["left_behind"], notes["without_successor"]) == (2, {"m1": why})
    assert REGISTRY.get_sample_value("ingest_clients_left_behind") == 2
    await broker.staff("m1,赵六,manager,b01,m2,2026-05-29")
    assert REGISTRY.get_sample_value("ingest_clients_left_behind") == 0


async def test_a_leaving_to_come_is_carried_out_when_its_day_is_closed(broker: Broker) -> None:
    await broker.staff("m1,赵六,manager,b01,m2,2026-06-03")
    for day, manager in (("02", "m1"), ("03", "m2")):
        for kind, line in (("fundchg", fundchg), ("cusfund", cusfund)):
            await broker.drop(
                f"0137{kind}202606{day}.txt", line("1", "5").replace("06-01", f"06-{day}")
            )
        assert broker.managers()["1"] == manager
    assert broker.times_told() == 5


async def test_a_new_account_of_a_leaver_is_the_successors(broker: Broker) -> None:
    await broker.staff("m1,赵六,manager,b01,m2,2026-05-29")
    await broker.drop_text("relations.csv", CLIENTS + "4,c4,张三,自然人,m1,2026-06-01\n")
    assert broker.managers()["4"] == "m2"
