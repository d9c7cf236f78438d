"""How old a client is and what they live on comes with ``baselines`` and is told of the client."""

from typing import Any

import pytest

from services.ingest.agent.taking import Outcome
from shared.contracts.customers import CONTEXTS
from tests.kit.ingest import CIPHER, FakeBooks
from tests.kit.ingest_broker import Broker as AnyBroker
from tests.kit.registry import CUSTOMERS, customer

RELATIONS = "account,customer_id,customer_name,customer_type,manager_id\n"
BASELINES = "account,opened_on,birthday,occupation,income_source\n"


class Broker(AnyBroker):
    """A broker with one client of two accounts."""

    def __init__(self) -> None:
        self.books = FakeBooks()
        super().__init__(self.books.open)

    async def relations(self) -> None:
        rows = "1,c1,张小明,自然人,m1\n2,c1,张小明,自然人,m1\n"
        await self.drop_text("relations.csv", RELATIONS + rows)

    async def baselines(self, *rows: str) -> Outcome:
        return await self.drop_text("baselines.csv", BASELINES + "\n".join(rows))

    def told(self) -> list[dict[str, Any]]:
        return [event["data"] for event in self.books.now.told("customer.changed")]

    def says(self) -> tuple[str, str | None, str | None]:
        """Return what the client's newest state says, opened."""
        data = self.told()[-1]
        birthday = CIPHER.open(data["sealed_birthday"], CONTEXTS["sealed_birthday"])
        return birthday, data.get("occupation"), data.get("income_source")


@pytest.fixture
async def broker() -> Broker:
    made = Broker()
    await made.relations()
    return made


async def test_a_client_is_told_with_the_birthday_sealed(broker: Broker) -> None:
    outcome = await broker.baselines("1,2020-01-06,1950-02-28,无业,依靠积蓄")
    assert (outcome.notes["people"], outcome.notes["ownerless"]) == (1, 0)
    assert broker.says() == ("1950-02-28", "无业", "依靠积蓄")
    assert all(b"1950-02-28" not in fact.body for fact in broker.books.now.facts.values())
    (baselined,) = broker.books.now.told("account.baselined")
    assert not baselined["data"].keys() & {"birthday", "occupation", "income_source"}


async def test_who_did_not_change_is_not_told_again_and_an_empty_cell_says_nothing(
    broker: Broker,
) -> None:
    await broker.baselines("1,2020-01-06,1950-02-28,无业,", "2,2020-01-06,,,依靠积蓄")
    assert broker.says() == ("1950-02-28", "无业", "依靠积蓄")
    before = len(broker.told())
    await broker.baselines("1,2020-01-06,1950/2/28,无业,", "2,2021-01-06,,,")
    assert len(broker.told()) == before
    await broker.baselines("1,2020-01-06,,教师,")
    assert (len(broker.told()), broker.says()) == (before + 1, ("1950-02-28", "教师", "依靠积蓄"))


async def test_the_other_files_leave_it_as_it_is(broker: Broker) -> None:
    await broker.baselines("1,2020-01-06,1950-02-28,无业,")
    await broker.drop(CUSTOMERS, customer("1"))
    assert broker.told()[-1]["sealed_phone"]
    assert broker.says() == ("1950-02-28", "无业", None)


async def test_an_account_of_nobody_is_counted_until_its_relation_is_there() -> None:
    broker = Broker()
    outcome = await broker.baselines("1,2020-01-06,1950-02-28,无业,")
    assert (outcome.notes["people"], outcome.notes["ownerless"]) == (0, 1)
    await broker.relations()
    await broker.baselines("1,2020-01-06,1950-02-28,无业,", "2,2020-01-06,,,")
    assert broker.says() == ("1950-02-28", "无业", None)
