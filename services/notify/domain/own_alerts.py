"""自己的提醒 — what notify says of itself, as alerts like all others: told, kept, explained."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.notify.domain.canary import CANARY, SILENT, Canary, lost_by
from shared.contracts.alerts import FEED, Alert, AlertRaised, Module, Passport, Urgency
from shared.kernel.ids import alert_id, revision_id
from shared.kernel.trading_day import CHINA, TradingDay

SOURCE = "notify"


class Words(NamedTuple):
    """What a person reads."""

    title: str
    summary: str
    action: str


def song(canary: Canary, day: date) -> AlertRaised:
    """Return a day's canary, the same one however often it is asked for."""
    said = Words(
        "通道自检",
        f"{day:%m月%d日}自检：收到这条，说明告知通道正常",
        "不用处理。哪天没有收到，请告诉运维。",
    )
    at = datetime.combine(day, canary.at, CHINA)
    return _raised(canary.broker, CANARY, (day.isoformat(), at), said)


def rehearsed(canary: Canary, now: datetime) -> AlertRaised:
    """Return a canary that somebody asks for: none of the daily ones, and counted as none."""
    local = now.astimezone(CHINA)
    said = Words(
        "通道自检",
        f"{local:%m月%d日%H:%M}手动自检：收到这条，说明告知通道正常",
        "不用处理。没有收到，请告诉运维。",
    )
    return _raised(canary.broker, CANARY, (local.isoformat(), now), said)


def missed(canary: Canary, day: date, channel: str, name: str) -> AlertRaised:
    """Return that a day's canary has not arrived by a channel. ``name``: as people call it."""
    at = datetime.combine(day, canary.at, CHINA) + timedelta(minutes=canary.within_minutes)
    said = Words(
        "通道自检失败",
        f"{name}：{day:%m月%d日}的自检消息没有按时送到",
        "这个通道可能收不到提醒。请查网关、凭据、额度和 notify 的日志。",
    )
    return _raised(canary.broker, lost_by(channel), (day.isoformat(), at), said)


def silent(canary: Canary, last: datetime) -> AlertRaised:
    """Return that nothing has been sent since ``last``, one alert for each such silence."""
    said = Words(
        "告知中断",
        f"{last.astimezone(CHINA):%m月%d日%H:%M}以后，交易时间里已{canary.silent_minutes}分钟没有发出任何消息",
        "请查 mot 是否在告警、notify 是否在发；确实无事则不用处理。",
    )
    return _raised(canary.broker, SILENT, (last.isoformat(), last), said)


def _raised(broker: str, rule: str, of: tuple[str, datetime], said: Words) -> AlertRaised:
    episode, at = of
    which = alert_id(rule, f"{broker}:{FEED}", episode)
    alert = Alert(
        broker=broker,
        account=FEED,
        trading_day=TradingDay(at.astimezone(CHINA).date()),  # nothing is counted by it
        source=SOURCE,
        alert_id=which,
        revision=1,
        rule=rule,
        rule_version=1,
        message_type=said.title,
        module=Module.NOTICE,
        urgency=Urgency.HIGH,
        episode=episode,
        happened_at=at,
        summary=said.summary,
        facts={"时间": f"{at.astimezone(CHINA):%m-%d %H:%M}"},
        action=said.action,
        provisional=False,
        passport=Passport(
            rule_version=1,
            thresholds={},
            calendar="",
            topic=SOURCE,
            partition=0,
            offset=0,
            event_id="",
            before="{}",
        ),
    )
    return AlertRaised(
        id=str(revision_id(which, "alert.raised", 1)),
        source=SOURCE,
        subject=f"{broker}:{FEED}",
        time=at,
        data=alert,
    )
