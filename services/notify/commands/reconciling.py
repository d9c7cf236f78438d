"""``guanchao notify reconcile``: does the ledger account for every alert in the topics?"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.commands.places import Postgres, reading, run
from services.notify.domain.reconciliation import ENDS, NAMED, STANDINGS, Reckoning
from services.notify.reconciling import Books, Period
from shared.console import Refused, bar
from shared.kernel.trading_day import CHINA
from shared.settings import KafkaSettings
from shared.streams.log_reader import Span

UNEVEN = 1
Day = Annotated[
    datetime | None,
    typer.Option("--day", formats=["%Y-%m-%d"], help="哪天，北京时间；缺省全部 · which day"),
]
Json = Annotated[bool, typer.Option("--json", help="机器可读 · for a machine")]
Brokers = Annotated[
    str | None,
    typer.Option(
        "--brokers", envvar="NOTIFY_KAFKA__BROKERS", show_envvar=False, help="Kafka · host:port"
    ),
]
WRONG = {
    "unread": "在主题里，notify 没有入账 · in the topic, never entered in the ledger",
    "unaccounted": "算告知了，却没有一条送出、待发或并入 · told, yet nothing was sent or is open",
    "decided-not-written": "决定了要告知，没有写成意图 · decided, and no intent was written",
    "written-undecided": "有意图，没有决定 · an intent that nobody decided",
    "sent-without-attempt": "算送出了，没有一次发送成功 · sent, and no attempt was taken",
    "taken-twice": "网关收下了两次 · the gateway took it twice",
}


def reconcile(
    day: Day = None, as_json: Json = False, postgres: Postgres = None, brokers: Brokers = None
) -> None:
    """对账：主题里的每条提醒，账本都说得清吗 · is every alert of the topic accounted for.

    从 Kafka 数到 notify 提交的位移（写明），和账本逐条比。退出码：0 平，1 不平（列出至多 20 个
    alert_id），2 做不了。

    Counted from Kafka up to the offsets that notify has committed, which are stated. Exit code:
    0 it balances, 1 it does not (up to 20 alert ids), 2 it cannot be done.
    """
    sums, of = run(lambda: _reconcile(day, postgres, brokers))
    shown = [json.dumps(as_data(sums, of), ensure_ascii=False)] if as_json else lines(sums, of)
    typer.echo("\n".join(shown))
    raise typer.Exit(0 if sums.balances else UNEVEN)


async def _reconcile(
    day: datetime | None, postgres: str | None, brokers: str | None
) -> tuple[Reckoning, Sequence[Span]]:
    if not brokers:
        raise Refused(
            "不知道 Kafka 在哪：加 --brokers 主机:端口，或设 NOTIFY_KAFKA__BROKERS，或先 make run",
            "where is Kafka? --brokers host:port, NOTIFY_KAFKA__BROKERS, or make run",
        )

    @asynccontextmanager
    async def ledger() -> AsyncIterator[AsyncConnection]:
        async with reading(postgres) as connection:
            yield connection

    begin = day.replace(tzinfo=CHINA) if day else None
    period = Period(begin, begin + timedelta(days=1) if begin else None)
    with bar("对账 · reconciling") as told:
        return await Books(KafkaSettings(brokers=brokers), ledger, told).reconcile(period)


def lines(sums: Reckoning, of: Sequence[Span]) -> Iterator[str]:
    """Say both equations, what is wrong, and up to which offsets. Pure."""
    yield _equation("告警 raised", sums.raised, sums.standings, STANDINGS)
    yield _equation("意图 written", sums.written, sums.ends, ENDS)
    yield f"  重复的记录 repeated {sums.repeated}，死信 dead letters {sums.buried}"
    for topic, spans in groupby(of, attrgetter("topic")):
        offsets = "，".join(f"{s.partition}:{s.begin}–{s.end}" for s in spans if s.begin < s.end)
        yield f"  数到 counted up to {topic} {offsets or '（空 empty）'}"
    for reason, alerts in sorted(sums.wrong.items()):
        yield f"! {len(alerts)}  {WRONG[reason]}"
        yield from (f"    {alert}" for alert in sorted(alerts)[:NAMED])
    for place in sums.unburied[:NAMED]:
        yield f"! 读不懂，也不在死信里 unreadable and not buried: {place}"
    yield "✓ 平 it balances" if sums.balances else "✗ 不平 it does not balance"


def as_data(sums: Reckoning, of: Sequence[Span]) -> dict[str, Any]:
    """Return the same for a machine."""
    return {
        "balances": sums.balances,
        "alerts": {"raised": sums.raised, **{name: sums.standings[name] for name in STANDINGS}},
        "intents": {"written": sums.written, **{name: sums.ends[name] for name in ENDS}},
        "repeated": sums.repeated,
        "buried": sums.buried,
        "unburied": sums.unburied[:NAMED],
        "offsets": {f"{s.topic}/{s.partition}": [s.begin, s.end] for s in of},
        "wrong": {reason: len(alerts) for reason, alerts in sorted(sums.wrong.items())},
        "alert_ids": [str(alert) for alert in sums.alerts_wrong[:NAMED]],
    }


def _equation(what: str, total: int, parts: Counter[str], names: Sequence[str]) -> str:
    right = " + ".join(f"{name} {parts[name]}" for name in names)
    return f"{what} {total} {'=' if total == sum(parts.values()) else '≠'} {right}"
