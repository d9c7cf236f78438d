"""``guanchao mot why``: each condition of a rule beside an account's figures, as they stand now."""

from collections.abc import Iterable, Iterator

import redis.asyncio as redis
import typer

from services.mot.adapters.checkpoint import Checkpoints
from services.mot.commands.console import Refused
from services.mot.commands.publishing import rulebook
from services.mot.domain.account import Account, Spoken
from services.mot.domain.detector import Condition
from services.mot.domain.detectors import AnyDetector, catalogue
from services.mot.domain.watch import REHEARSAL
from services.mot.rulebook import versions_of
from shared.contracts.alerts import FEED
from shared.contracts.topics import ACCOUNT
from shared.kernel.money import from_li, full
from shared.kernel.trading_day import Calendar, OutsideCoverage
from shared.settings import KafkaSettings, ValkeySettings
from shared.streams.publish import partition_of

MARKS = {True: "✓ 到了 met   ", False: "✗ 没到 not met", None: "? 未知 unknown"}


async def explain(kafka: KafkaSettings, valkey: ValkeySettings, key: str, rule: str) -> None:
    """Print what the rule sees of the account now; nothing is written, no epoch begun."""
    number = _partition(key)
    if rule not in catalogue():
        raise Refused(f"没有规则 {rule}：{'、'.join(catalogue())}", "no such rule: those are all")
    book, _ = await rulebook(kafka)
    async with redis.from_url(valkey.url.get_secret_value()) as client:
        watermark, stamp, account = await Checkpoints(client).look(number, key)
    if watermark is None:
        raise Refused(
            f"Valkey 里没有分区 {number} 的状态：mot 没读过它，或丢了（guanchao mot rebuild）",
            "no state of that partition: mot has not begun, or it was lost (guanchao mot rebuild)",
        )
    if account is None:
        raise Refused(
            f"mot 没见过账户 {key}：写法是 期货公司:资金账号，如 demo:80012345",
            "mot has never seen that account: broker:account, as in demo:80012345",
        )
    in_force = book.resolve(stamp)
    version = versions_of(in_force.stamp).get(rule)
    detector = in_force.rules.detectors.get(rule)
    typer.echo(f"{key}  {rule}  {catalogue()[rule].message_type}  v{version or '-'}")
    typer.echo(f"  分区 partition {number}，已读到 read up to {watermark}")
    for line in explanation(account, rule, detector, book.calendar):
        typer.echo(f"  {line}")


def explanation(
    account: Account, rule: str, detector: AnyDetector | None, calendar: Calendar
) -> Iterator[str]:
    """Say the conditions, the thresholds, what is known, and what was said. Pure."""
    if detector is None:
        yield "规则是关的，不会提醒 · the rule is off"
        return
    if rule in account.switched_off:
        yield "! 规则在这个账户上出过错，已关 · it raised on this account and is switched off here"
    if account.incomplete:
        yield "! 有读不懂的记录，到下次结算前数据不全 · incomplete until it is settled"
    try:
        conditions = list(detector.why(account, calendar))
    except OutsideCoverage as outside:
        yield f"! 日历不够 · the calendar does not reach: {outside}"
        return
    yield from _table(conditions)
    yield _verdict(conditions)
    thresholds = {"urgency": detector.urgency.value, **detector.thresholds()}
    yield "阈值 thresholds: " + " ".join(f"{n}={v}" for n, v in thresholds.items())
    yield "已知 known: " + "，".join(known(account))
    said = {k: s for k, s in account.spoken.items() if k.startswith(f"{rule}|")}
    yield from (_said(key.partition("|")[2], spoken) for key, spoken in said.items())
    if not said:
        yield "还没说过 · nothing was said yet"


def known(account: Account) -> Iterator[str]:
    """Return the figures that a rule may look at, as a person reads them."""
    money = {"权益 equity": account.equity, "可用 available": account.available}
    yield from (f"{name} {full(from_li(li))}" for name, li in money.items() if li is not None)
    days = {
        "结算到 settled": account.settled,
        "开户 opened": account.opened_on,
        "最后交易 traded": account.last_trade_on,
    }
    yield from (f"{name} {day}" for name, day in days.items() if day is not None)
    yield f"持仓 lots {account.position_lots}"
    yield f"未了强平单 open forced orders {len(account.open_orders())}"


def _table(conditions: Iterable[Condition]) -> Iterator[str]:
    for name, figure, line, met in conditions:
        yield f"{MARKS[met]}  {name}: {figure}  （线 line {line}）"


def _verdict(conditions: list[Condition]) -> str:
    missed = [c.name for c in conditions if c.met is not True]
    if missed:
        return f"→ 此刻不提醒，因为 not now, because: {'、'.join(missed)}"
    return "→ 条件都到了 · all conditions are met"


def _said(episode: str, spoken: Spoken) -> str:
    state = "有效 stands" if spoken.stands else "已了 over"
    return f"说过 said: {episode} 第 {spoken.revision} 版，{spoken.day}，{state}"


def _partition(key: str) -> int:
    broker, colon, account = key.removeprefix(REHEARSAL).partition(":")
    if not (broker and colon and account):
        raise Refused(
            f"“{key}”不是账户：写法是 期货公司:资金账号，如 demo:80012345", "broker:account, please"
        )
    subject = key.removeprefix(REHEARSAL)
    return 0 if account == FEED else partition_of(subject.encode(), ACCOUNT.partitions)
