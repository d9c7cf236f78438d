"""A key's partition is the one that Kafka's own clients give it."""

from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from shared.streams.publish import partition_of


@given(st.binary(max_size=40), st.integers(1, 100))
def test_the_partition_is_that_of_every_other_client(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == (murmur2(key) & 0x7FFFFFFF) % partitions
