"""``guanchao profile rebuild``: the topics read again into fresh tables."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import typer
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.profile.adapters.digest import digest
from services.profile.adapters.offsets import Partition, positions
from services.profile.adapters.rebuilding import NEXT, NOW, Rebuilding
from services.profile.adapters.shelf import Arrived, Shelf
from services.profile.commands.places import Postgres, run, settings_of
from services.profile.domain.finder import Finder
from services.profile.domain.topics import READ
from services.profile.settings import finder_of
from shared.console import Refused, bar
from shared.db.session import engine
from shared.settings import KafkaSettings
from shared.streams.log_reader import LogReader, Span

AT_ONCE = 2_000  # records in one transaction
Brokers = Annotated[
    str | None,
    typer.Option(
        "--brokers", envvar="PROFILE_KAFKA__BROKERS", show_envvar=False, help="Kafka · host:port"
    ),
]


class Keys(BaseSettings):
    """The variables that profile itself reads."""

    model_config = SettingsConfigDict(
        env_prefix="PROFILE_", env_nested_delimiter="__", extra="ignore", frozen=True
    )

    field_keys: dict[str, SecretStr] = {}
    index_keys: dict[str, SecretStr] = {}


class Rebuilt(NamedTuple):
    """What was read, what of it was unreadable, what was carried over; the tables that differ."""

    records: int
    unreadable: int
    carried: int
    differ: Sequence[str]


def rebuild(postgres: Postgres = None, brokers: Brokers = None) -> None:
    """从主题重建所有事实表，读完再换上 · read the topics again into fresh tables.

    服务可以照常运行。日志里已经没有的旧行照搬过来。审计和 key 不动。

    The service may go on. Rows older than the log are carried over; audit and keys stay.
    """
    done = run(lambda: _rebuild(postgres, brokers))
    differ = "、".join(done.differ) or "没有 none"
    typer.echo(
        f"✓ 读了 read {done.records}，读不懂 unreadable {done.unreadable}，"
        f"照搬 carried over {done.carried}，与原来不同的表 tables that differ: {differ}"
    )


async def _rebuild(dsn: str | None, brokers: str | None) -> Rebuilt:
    if not brokers:
        raise Refused(
            "不知道 Kafka 在哪：加 --brokers 主机:端口，或设 PROFILE_KAFKA__BROKERS，或先 make run",
            "where is Kafka? --brokers host:port, PROFILE_KAFKA__BROKERS, or make run",
        )
    finder, settings = _finder(), settings_of(dsn)
    present, fresh = engine(settings, NOW, pool_size=2), engine(settings, NEXT, pool_size=2)
    try:
        work = Rebuilding(present, fresh)
        await work.begin()
        async with present.connect() as connection:
            before = await digest(connection)
        unread: list[Arrived] = []

        async def pass_over(record: Arrived, reason: str) -> None:
            unread.append(record)  # its letter was written when it was first read

        shelf = Shelf(fresh, {t.name: read for t, read in READ.items()}, finder, pass_over)
        with bar("读主题 reading the topics") as told:
            async with LogReader(KafkaSettings(brokers=brokers), told) as reader:
                spans = [span for topic in READ for span in await reader.spans(topic)]
                records = await _read(reader, spans, shelf)
        expired = any(s.begin for s in spans if not _kept_for_ever(s.topic))
        carried = await work.carry() if expired else 0
        async with fresh.connect() as connection:
            after = await digest(connection)
        await work.exchange({(s.topic, s.partition): s.end for s in spans if s.begin < s.end})
    finally:
        await present.dispose()
        await fresh.dispose()
    differ = [name for name, said in before.items() if after[name] != said]
    return Rebuilt(records, len(unread), carried, differ)


async def _read(reader: LogReader, spans: Sequence[Span], shelf: Shelf) -> int:
    async with shelf.database.begin() as connection:
        places = await positions(connection, [Partition(s.topic, s.partition) for s in spans])
    batch: list[Any] = []
    count = 0

    async def put() -> None:
        await shelf.put(batch, places)
        places.update({Partition(r.topic, r.partition): r.offset + 1 for r in batch})
        batch.clear()

    async for record in reader.read(spans):
        batch.append(record)
        count += 1
        if len(batch) == AT_ONCE:
            await put()
    if batch:
        await put()
    return count


def _kept_for_ever(name: str) -> bool:
    return any(topic.name == name and topic.compacted for topic in READ)


def _finder() -> Finder:
    keys = Keys()
    try:
        return finder_of(keys.field_keys, keys.index_keys)
    except ValueError as wrong:
        raise Refused(
            f"密钥不对：{wrong}。设 PROFILE_FIELD_KEYS 和 PROFILE_INDEX_KEYS，与 profile 的一样",
            f"{wrong}: set PROFILE_FIELD_KEYS and PROFILE_INDEX_KEYS as for profile itself",
        ) from None
