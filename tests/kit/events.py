"""Events as a person would say them: ``withdrew(600_000)``, ``settled(1_000_000)``, ``ticked(at)``.

They are mot's own Structs. Amounts are in 元, whole numbers or text (``"999999.999"``); a moment is
``moment(day, "10:31")``. Everything happens to one client of one broker, on one day, unless said
otherwise: any field of the body can be given by name, money too: ``settled(500, margin="400.5")``.
"""

from datetime import date, datetime, time
from typing import Any, get_args

from msgspec.structs import fields, replace

from services.mot.domain import events
from services.mot.domain.li import Li, read_li
from shared.kernel.trading_day import CHINA, china

BROKER, ACCOUNT = "demo", "80012345"
CLIENT = f"{BROKER}:{ACCOUNT}"
DAY = date(2026, 6, 1)  # a Monday: its night session is Friday 29 May, 21:00
YESTERDAY, TOMORROW = date(2026, 5, 29), date(2026, 6, 2)
Yuan = int | str
_MONEY = {f.name for f in fields(events.Settlement) if Li in (f.type, *get_args(f.type))}


def moment(day: date, at: str) -> datetime:
    """Return a moment in Shanghai."""
    return datetime.combine(day, time.fromisoformat(at), CHINA)


def li(yuan: Yuan) -> Li:
    """Return an amount in 厘."""
    return read_li(str(yuan))


def withdrew(amount: Yuan, day: date = DAY, **given: Any) -> events.FundsWithdrawn:
    """出金."""
    return events.FundsWithdrawn(**_told(day, "w"), data=_funds(events.Funds, amount, day, given))


def deposited(amount: Yuan, day: date = DAY, **given: Any) -> events.FundsDeposited:
    """入金."""
    return events.FundsDeposited(**_told(day, "d"), data=_funds(events.Funds, amount, day, given))


def took_back(
    amount: Yuan, day: date = DAY, direction: str | None = "withdrawal", **given: Any
) -> events.FundsReversed:
    """冲正 of a withdrawal, unless ``direction`` says otherwise."""
    given = {"reverses": "s0", "direction": direction, **given}
    return events.FundsReversed(**_told(day, "r"), data=_funds(events.Reversal, amount, day, given))


def settled(
    equity: Yuan = 1_000_000, day: date = DAY, available: Yuan | None = None, **given: Any
) -> events.AccountSettled:
    """日终结算; all of the equity is available unless said otherwise."""
    free = li(equity if available is None else available)
    body = events.Settlement(**_fact(day), equity=li(equity), available=free)
    return events.AccountSettled(**_told(day, "s"), data=replace(body, **_in_li(given)))


def snapshotted(available: Yuan, at: datetime, **given: Any) -> events.AccountSnapshotted:
    """盘中资金; the equity is what is available unless said otherwise."""
    day = china().at(at)
    body = events.Snapshot(**_fact(day), equity=li(available), available=li(available), at=at)
    return events.AccountSnapshotted(**_told(day, "b"), data=replace(body, **_in_li(given)))


def ordered(
    at: datetime, filled: int = 0, status: str = "open", **given: Any
) -> events.OrderForceClosed:
    """强平单 F1: sell 5 lots of rb2610 for lack of funds."""
    day = china().at(at)
    body = events.ForcedOrder(
        **_fact(day),
        order_id="F1",
        exchange="SHFE",
        instrument="rb2610",
        direction="sell",
        lots=5,
        filled=filled,
        price=li("3120"),
        reason="1",
        status="open",
        at=at,
    )
    return events.OrderForceClosed(
        **_told(day, "o"), data=replace(body, **{"status": status, **given})
    )


def baselined(
    opened_on: date,
    last_trade_on: date | None = None,
    last_position_on: date | None = None,
    day: date = YESTERDAY,
    **given: Any,
) -> events.AccountBaselined:
    """账户基线."""
    body = events.Baseline(
        **_fact(day),
        opened_on=opened_on,
        last_trade_on=last_trade_on,
        last_position_on=last_position_on,
    )
    return events.AccountBaselined(**_told(day, "l"), data=replace(body, **given))


def agreed(
    ends_on: date | None,
    starts_on: date | None = date(2025, 7, 1),
    kind: str = "交返",
    day: date = YESTERDAY,
    **given: Any,
) -> events.AgreementRecorded:
    """协议 — 交返 from July 2025 on, unless said otherwise."""
    body = events.Agreement(**_fact(day), kind=kind, starts_on=starts_on, ends_on=ends_on)
    return events.AgreementRecorded(**_told(day, "a"), data=replace(body, **given))


def ticked(
    at: datetime, broker: str = BROKER, heard: dict[str, datetime] | None = None
) -> events.ClockTicked:
    """A minute has passed; ``heard`` says when each source last spoke."""
    day = china().at(at)
    body = events.Tick(broker=broker, trading_day=day, at=at, heard=heard or {})
    return events.ClockTicked(id=f"t-{at}", source="clock", subject="clock", time=at, data=body)


def closed(day: date = DAY, broker: str = BROKER) -> events.DayClosed:
    """收市 — the day's files are all in."""
    body, at = events.DayClose(broker=broker, trading_day=day), moment(day, "17:30")
    return events.DayClosed(id=f"c-{day}", source="clock", subject="clock", time=at, data=body)


def _told(day: date, kind: str) -> dict[str, Any]:
    at = moment(day, "10:31:05")
    return {"id": f"{kind}-{day}", "source": "tests", "subject": CLIENT, "time": at}


def _fact(day: date) -> dict[str, Any]:
    return {"broker": BROKER, "account": ACCOUNT, "trading_day": day}


def _in_li(given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with those of money, written in 元, as 厘."""
    plain = {name: value for name, value in given.items() if name in _MONEY and value is not None}
    return {**given, **{name: li(value) for name, value in plain.items()}}


def _funds(body: type[Any], amount: Yuan, day: date, given: dict[str, Any]) -> Any:
    usual = {"happened_at": moment(day, "10:31:05"), "serial": "s1"}
    return body(**{**_fact(day), "amount": li(amount), **usual, **given})
