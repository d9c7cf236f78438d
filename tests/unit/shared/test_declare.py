"""The topic table against a broker: what is missing is made, what differs is refused."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from aiokafka.admin import NewTopic

from shared.contracts.topics import ACCOUNT, RULE, STATE, TOPICS
from shared.streams import declare as module
from shared.streams.declare import WrongTopic, declare

EXPECTED = {topic.name: topic.partitions for topic in TOPICS}
Broker = dict[str, int]


class Answer(NamedTuple):
    """The broker's answer: topic, error code, message."""

    topic_errors: list[tuple[str, int, str]]


class FakeAdmin:
    """A broker that remembers topics and their partitions, and may refuse to make any."""

    def __init__(self, broker: Broker) -> None:
        self.broker, self.refuses = broker, False
        self.log: list[str] = []
        self.made: list[NewTopic] = []

    async def start(self) -> None:
        self.log.append("start")

    async def close(self) -> None:
        self.log.append("close")

    async def list_topics(self) -> list[str]:
        return list(self.broker)

    async def create_topics(self, topics: list[NewTopic]) -> Answer:
        if self.refuses:
            return Answer([(t.name, 38, "replication factor: 3 larger than 1") for t in topics])
        self.made += topics
        self.broker |= {topic.name: topic.num_partitions for topic in topics}
        return Answer([(topic.name, 0, "") for topic in topics])

    async def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        known = [name for name in names if name in self.broker]
        return [{"topic": name, "partitions": [{}] * self.broker[name]} for name in known]


Reach = Callable[[Broker], FakeAdmin]


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Reach:
    """Put a fake broker at every address."""

    def put(broker: Broker) -> FakeAdmin:
        admin = FakeAdmin(broker)
        monkeypatch.setattr(module, "AIOKafkaAdminClient", lambda bootstrap_servers: admin)
        return admin

    return put


async def test_an_empty_broker_gets_every_topic_of_the_table(reach: Reach) -> None:
    admin = reach({})
    await declare("here:9092", replicas=3)
    assert admin.broker == EXPECTED
    assert {topic.replication_factor for topic in admin.made} == {3}
    assert admin.log == ["start", "close"]


async def test_only_what_is_missing_is_made(reach: Reach) -> None:
    admin = reach({name: n for name, n in EXPECTED.items() if name != "mot.alert.v1"})
    await declare("here:9092")
    assert [topic.name for topic in admin.made] == ["mot.alert.v1"]


async def test_a_second_time_nothing_is_made(reach: Reach) -> None:
    admin = reach({**EXPECTED, "somebody.elses": 1})
    await declare("here:9092")
    assert admin.made == []


async def test_a_topic_with_another_partition_count_is_refused_by_name(reach: Reach) -> None:
    admin = reach({**EXPECTED, "futures.account.v1": 6})
    with pytest.raises(WrongTopic, match=r"futures\.account\.v1 has 6 partitions, not 12"):
        await declare("here:9092")
    assert admin.log == ["start", "close"]


async def test_what_must_be_kept_for_ever_is_and_what_is_compacted_is_compacted(
    reach: Reach,
) -> None:
    admin = reach({})
    await declare("here:9092")
    policies = {topic.name: topic.topic_configs for topic in admin.made}
    assert policies["futures.account.v1"] == {"retention.ms": str(30 * 24 * 3600 * 1000)}
    assert policies["mot.alert.v1"] == {"retention.ms": str(400 * 24 * 3600 * 1000)}
    assert policies["futures.customer.v1"] == {"cleanup.policy": "compact"}
    assert policies["futures.account.v1.dlq"] == {"retention.ms": "-1"}


def test_every_public_topic_has_its_dead_letters_on_as_many_partitions() -> None:
    ours = {RULE.name, STATE.name}  # written by mot alone: a wrong rule is refused, never buried
    for name, partitions in EXPECTED.items():
        if not name.endswith(".dlq"):
            assert EXPECTED.get(f"{name}.dlq") == (None if name in ours else partitions)


def test_the_rules_are_in_one_order_and_the_states_lie_beside_their_accounts() -> None:
    assert (RULE.partitions, RULE.retention_days, RULE.compacted) == (1, None, False)
    assert (STATE.partitions, STATE.retention_days) == (ACCOUNT.partitions, 400)


async def test_a_topic_that_the_broker_would_not_make_is_not_passed_over(reach: Reach) -> None:
    reach({}).refuses = True
    with pytest.raises(Exception, match="replication factor"):
        await declare("here:9092", replicas=3)
