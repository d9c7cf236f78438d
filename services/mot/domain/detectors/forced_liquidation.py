"""强平通知 — a forced-liquidation order, followed until it is filled, cancelled or cured.

By the settlement of its day at the latest it is over.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from services.mot.domain.account import Account, Order
from services.mot.domain.detector import Condition, Detector, Finding, Step
from services.mot.domain.events import (
    AccountSettled,
    ClockTicked,
    DayClosed,
    OrderForceClosed,
    Settlement,
)
from services.mot.domain.orders import CURED
from shared.kernel.money import from_li, full
from shared.kernel.trading_day import Calendar

REASONS = {
    "0": "非强平",
    "1": "资金不足",
    "2": "客户超仓",
    "3": "会员超仓",
    "4": "持仓非整数倍",
    "5": "违规",
    "6": "其它",
    "7": "自然人临近交割",
    "8": "资金不足",
    "9": "资金不足",
    "a": "违规持仓",
    "b": "违规持仓",
}
"""CTP ForceCloseReason, as a manager reads it."""

Heard = OrderForceClosed | ClockTicked | AccountSettled | DayClosed
_SIDES = {"buy": "买", "sell": "卖"}
_LIVE, _ENDED = 1, 2


class ForcedLiquidation(Detector[Heard]):
    """One alert per order; no threshold: every forced liquidation is told."""

    message_type: ClassVar = "强平通知"
    action: ClassVar = "请立即联系客户，确认追加资金。"
    action_after: ClassVar = "请告知客户强平结果。"
    listens_to: ClassVar = (OrderForceClosed, ClockTicked, AccountSettled, DayClosed)

    def detect(
        self, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Speak at the first sight of an order, at each change of it, and at its end."""
        if after.orders is before.orders:
            return ()
        settlement = event.data if isinstance(event, AccountSettled) else None
        return self._changed(before, after, settlement)

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Each order that is still followed; without one nothing is told."""
        live = account.open_orders()
        for id_, order in live.items():
            figure = f"{order.instrument} {order.lots}手成{order.filled}手"
            yield Condition(f"强平单{id_}", figure, "未了", True)
        if not live:
            yield Condition("未了的强平单", "0张", "1张", False)

    def _changed(
        self, before: Account, after: Account, settlement: Settlement | None
    ) -> Iterator[Finding]:
        for id_, now in after.orders.items():
            was = before.orders.get(id_)
            if was is None:
                yield _finding(Step.RAISED, id_, now, after)
            if now.ended and (was is None or not was.ended):
                good = now.filled or now.ended in ("filled", CURED)
                step = Step.CONFIRMED if good else Step.WITHDRAWN
                yield _finding(step, id_, now, after, settlement)
            elif was is not None and (was.filled, was.status) != (now.filled, now.status):
                yield _finding(Step.UPDATED, id_, now, after)


def _finding(
    step: Step, id_: str, order: Order, account: Account, settlement: Settlement | None = None
) -> Finding:
    reason, side = REASONS.get(order.reason, order.reason), _SIDES[order.direction]
    left = account.available if settlement is None else settlement.available
    available = "未知" if left is None else full(from_li(left))
    rest = order.lots - order.filled
    facts = {
        "剩余手数": f"{rest}手",
        "合约": order.instrument,
        "买卖": side,
        "委托/已成": f"{order.lots}手/{order.filled}手",
        "原因": reason,
        "可用资金": available,
    }
    summaries = {
        "filled": f"强平单已全部成交{order.filled}手",
        "cured": f"可用资金已回到{available}，强平了结",
        "cancelled": f"强平单已撤销，成交{order.filled}手",
        "rejected": f"强平单被拒绝，成交{order.filled}手",
        "settled": f"当日已结算，强平单成交{order.filled}手，未成的{rest}手已失效",
        "closed": f"当日已收市且没有结算，强平单最后所知成交{order.filled}手，其余已失效",
        "": f"强平单已成{order.filled}手，剩余{rest}手",
    }
    summary = summaries[order.ended]
    if step is Step.RAISED:
        summary = f"强平单已报出：{order.instrument} {side} {order.lots}手，原因{reason}"
    return Finding(step, id_, summary, facts, _ENDED if order.ended else _LIVE)
