"""``guanchao mot rebuild``: Valkey made again from the remembered states and the log's tail."""

import asyncio
from dataclasses import dataclass
from typing import NamedTuple

import redis.asyncio as redis
import typer
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.mot.adapters.checkpoint import Checkpoints
from services.mot.commands.console import CONSOLE, Refused, bar
from services.mot.commands.publishing import rulebook
from services.mot.partition import Advance, Partition
from services.mot.retrace import Past, Refold
from services.mot.rulebook import Rulebook
from services.mot.settings import GROUP
from shared.contracts.topics import ACCOUNT, STATE
from shared.settings import KafkaSettings, ValkeySettings
from shared.streams.log_reader import LogReader, Span, Told

PATIENCE = 15.0  # seconds; a killed worker is a member until its session has timed out
LOOK_EVERY = 1.0


@dataclass(frozen=True)
class Rebuilt:
    """A partition as it was made again; ``lost``: offsets that Kafka no longer had."""

    mine: Partition
    until: int
    lost: int


async def rebuild(kafka: KafkaSettings, valkey: ValkeySettings) -> None:
    """Rebuild every partition that mot has ever committed; refuse while a worker is alive."""
    await _refuse_alive(kafka)
    commits = await _commits(kafka)
    book, _ = await rulebook(kafka)
    async with redis.from_url(valkey.url.get_secret_value()) as client:
        await client.ping()
        for number in range(ACCOUNT.partitions):
            with bar(f"分区 partition {number + 1}/{ACCOUNT.partitions}") as told:
                made = await again(kafka, (number, commits[number]), book, told)
            if made is not None:
                await _write(Checkpoints(client), made)
                _tell(made)
    typer.echo("✓ 重建完成，可以启动 mot · rebuilt: start mot now")


async def again(
    kafka: KafkaSettings, place: tuple[int, int | None], book: Rulebook, told: Told
) -> Rebuilt | None:
    """Fold one partition up to its commit, silently; None: mot has done nothing there yet.

    What is kept in ``mot.state.v1`` was kept after its alerts: beyond the commit too all is told.
    """
    number, commit = place
    past = Past()
    async with LogReader(kafka, told) as reader:
        async for record in reader.read(await reader.spans(STATE, [number])):
            past.take(record.value)
        told_up_to = max(commit or 0, past.told)
        if not told_up_to:
            return None
        (log,) = await reader.spans(ACCOUNT, [number])
        begin, until, lost = stretch(past.offset, told_up_to, log)
        mine, refold = past.partition(number), Refold(book, past.rules())
        async for record in reader.read([Span(ACCOUNT.name, number, begin, until)]):
            refold(mine, record)
    stamp = refold.stamps.at(told_up_to)
    mine.offset, mine.rules = until - 1, stamp or book.base.stamp
    return Rebuilt(mine, until, lost)


class Stretch(NamedTuple):
    """What is folded of the log, and how many offsets it no longer has."""

    begin: int
    until: int
    lost: int


def stretch(remembered: int, told: int, log: Span) -> Stretch:
    """Return the tail behind what is remembered, up to what was told, as far as there is a log.

    A log that begins later has lost the records before it; one that ends earlier was cut or made
    anew. Either way mot goes on where the log does.
    """
    begin = max(remembered + 1, log.begin)
    until = max(log.begin, min(told, log.end))
    return Stretch(begin, until, (begin - remembered - 1) + max(0, told - max(log.end, begin)))


async def _write(checkpoints: Checkpoints, made: Rebuilt) -> None:
    mine = made.mine
    done = Advance(made.until, made.until - 1, mine.clock, mine.rules)
    await checkpoints.restore(mine.number, mine.accounts, done)


def _tell(made: Rebuilt) -> None:
    number, accounts = made.mine.number, len(made.mine.accounts)
    typer.echo(f"  分区 partition {number}: {accounts} 个账户 accounts，到 to {made.until - 1}")
    if made.lost:
        typer.echo(
            f"  ! 日志里已没有其中 {made.lost} 条，状态不含它们 · gone from the log and the state",
            err=True,
        )


async def _refuse_alive(kafka: KafkaSettings) -> None:
    """Wait as long as a killed worker stays in the group; refuse when one is still there then."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.brokers)
    try:
        await admin.start()
        members, waited = await _members(admin), 0.0
        while members and waited < PATIENCE:
            with CONSOLE.status("等 mot 离开消费组 · waiting for mot to leave the group …"):
                await asyncio.sleep(LOOK_EVERY)
            members, waited = await _members(admin), waited + LOOK_EVERY
    finally:
        await admin.close()
    if members:
        raise Refused(
            f"还有 {members} 个 mot 在消费组里：先停掉它们，再重建",
            "a mot worker is still in the group: stop every mot, then rebuild",
        )


async def _members(admin: AIOKafkaAdminClient) -> int:
    answers = await admin.describe_consumer_groups([GROUP])
    return sum(len(group[5]) for answer in answers for group in answer.groups)


async def _commits(kafka: KafkaSettings) -> dict[int, int | None]:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.brokers, group_id=GROUP)
    try:
        await consumer.start()
        places = [TopicPartition(ACCOUNT.name, n) for n in range(ACCOUNT.partitions)]
        return {place.partition: await consumer.committed(place) for place in places}
    finally:
        await consumer.stop()
